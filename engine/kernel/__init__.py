"""What every domain needs and none owns: clock, ids, parties, money, errors, outcomes, paging.
Imports nothing of ours."""
