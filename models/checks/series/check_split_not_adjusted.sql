{{ split_check('split_not_adjusted') }}
