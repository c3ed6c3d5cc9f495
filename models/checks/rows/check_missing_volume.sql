{{ missing_value('volume') }}
