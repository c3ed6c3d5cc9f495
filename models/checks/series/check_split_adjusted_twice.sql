{{ split_check('split_adjusted_twice') }}
