pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Templates as T
import Kiosk.Style

// One answer of several: the chosen one is ticked and framed, not coloured only.
T.Button {
    id: control
    property var spec: ({})
    readonly property bool on: spec.on ?? false
    text: spec.text ?? ""
    focusPolicy: Qt.StrongFocus
    hoverEnabled: false
    implicitHeight: Math.max(Style.dp(116), words.implicitHeight + Style.dp(44))
    Accessible.role: Accessible.RadioButton
    Accessible.name: text
    Accessible.checkable: true
    Accessible.checked: on
    Accessible.id: spec.id ?? ""
    onClicked: Door.press(spec.id, spec.act, spec.argument, 500)
    background: Rectangle {
        radius: Style.radius
        color: control.down || control.on ? Style.tint : Style.surface
        border.width: Style.dp(control.on ? 6 : Style.highContrast ? 4 : 2)
        border.color: control.on ? Style.primary : Style.highContrast ? Style.line : Style.edge
        Loader { anchors.fill: parent; active: control.visualFocus; sourceComponent: FocusRing {} }
    }
    contentItem: Item {
        Rectangle {
            id: mark
            anchors.left: parent.left
            anchors.leftMargin: Style.dp(30)
            anchors.verticalCenter: parent.verticalCenter
            width: Style.dp(56)
            height: width
            radius: width / 2
            color: control.on ? Style.primary : Style.surface
            border.width: control.on ? 0 : Style.dp(4)
            border.color: Style.edge
            Icon { visible: control.on; anchors.centerIn: parent; name: control.on ? "check" : ""; tone: Style.primaryInk; size: Style.dp(40); stroke: "3" }
        }
        Icon {
            id: picture
            visible: name !== ""
            anchors.right: parent.right
            anchors.rightMargin: Style.dp(28)
            anchors.verticalCenter: parent.verticalCenter
            name: control.spec.icon ?? ""
            tone: Style.primary
            size: Style.dp(72)
        }
        Label {
            id: words
            anchors.left: mark.right
            anchors.right: picture.name !== "" ? picture.left : parent.right
            anchors.leftMargin: Style.dp(26)
            anchors.rightMargin: Style.dp(24)
            anchors.verticalCenter: parent.verticalCenter
            text: control.text
            font.weight: control.on ? Font.Bold : Font.Normal
            Accessible.ignored: true
        }
    }
}
