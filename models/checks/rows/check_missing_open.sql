{{ missing_value('open') }}
