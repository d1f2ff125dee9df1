import QtQuick
import Kiosk.Style

// Where the keyboard is; drawn outside of what it surrounds.
Rectangle {
    property real around: Style.radius
    anchors.fill: parent
    anchors.margins: -Style.dp(9)
    radius: around + Style.dp(9)
    color: "transparent"
    border.width: Style.dp(6)
    border.color: Style.focus
}
