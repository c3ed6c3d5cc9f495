{{ missing_value('adj_close') }}
