pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Style

// What is too long for the screen moves by two large buttons, never by a hidden swipe. Only what leads on shows.
Item {
    id: row
    required property Flickable target
    signal moved
    readonly property bool both: up.visible && down.visible
    implicitHeight: Style.dp(100)
    component Mover: PushButton {
        id: mover
        property int direction: 1
        spec: ({ id: "scroll-" + (direction > 0 ? "down" : "up"), text: direction > 0 ? Style.scrollDown : Style.scrollUp, act: "", argument: "", variant: "soft", icon: "" })
        width: row.both ? (row.width - Style.dp(20)) / 2 : row.width
        height: row.height
        onClicked: {
            row.moved()
            row.target.contentY = Math.max(0, Math.min(row.target.contentHeight - row.target.height, row.target.contentY + direction * row.target.height * 0.75))
        }
        contentItem: Item {
            Icon { anchors.centerIn: parent; name: "arrow-big-up"; rotation: mover.direction > 0 ? 180 : 0; tone: Style.primary; size: Style.dp(60) }
        }
    }
    Mover { id: up; direction: -1; anchors.left: parent.left; visible: !row.target.atYBeginning }
    Mover { id: down; direction: 1; anchors.right: parent.right; visible: !row.target.atYEnd }
}
