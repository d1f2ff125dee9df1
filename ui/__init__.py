"""The kiosk's screens in Qt Quick: `view_state` says what is shown, `qml/` how, `bridge` carries acts back."""
