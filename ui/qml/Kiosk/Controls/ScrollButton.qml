import QtQuick
import Kiosk.Style

// What is too long for the screen moves by two large buttons, never by a hidden swipe.
PushButton {
    id: scroll
    required property Flickable target
    property int direction: 1
    spec: ({ id: "scroll-" + (direction > 0 ? "down" : "up"), text: direction > 0 ? Style.scrollDown : Style.scrollUp, act: "", argument: "", variant: "primary", icon: "" })
    visible: target.interactive && (direction > 0 ? !target.atYEnd : !target.atYBeginning)
    implicitWidth: Style.touch
    implicitHeight: Style.touch
    onClicked: target.contentY = Math.max(0, Math.min(target.contentHeight - target.height, target.contentY + direction * target.height * 0.75))
    contentItem: Item {
        Icon { anchors.centerIn: parent; name: "arrow-big-up"; rotation: scroll.direction > 0 ? 180 : 0; tone: Style.primaryInk; size: Style.dp(64) }
    }
}
