"""The manifest `guildhall/v1`. Pure: nothing here knows Django."""
