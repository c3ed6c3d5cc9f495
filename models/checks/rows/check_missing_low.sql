{{ missing_value('low') }}
