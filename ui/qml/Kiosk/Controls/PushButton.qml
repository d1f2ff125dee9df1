import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Kiosk.Style

// A button as the view describes it: {id, text, act, argument, variant, icon}.
T.Button {
    id: control
    property var spec: ({})
    property string kind: "body"
    readonly property string variant: spec.variant ?? "primary"
    readonly property bool filled: variant === "primary" || variant === "ok" || variant === "danger"
    readonly property color ink: variant === "primary" ? Style.primaryInk
        : variant === "ok" || variant === "danger" ? (Style.highContrast ? "#000000" : "#ffffff")
        : variant === "inverse" ? "#ffffff" : Style.primary
    readonly property color face: {
        switch (variant) {
        case "primary": return down ? Style.primaryDown : Style.primary
        case "ok": return down ? Qt.darker(Style.ok, 1.2) : Style.ok
        case "danger": return down ? Qt.darker(Style.bad, 1.2) : Style.bad
        case "inverse": return Style.highContrast ? "#000000" : down ? "#3a7396" : "#1d5f86"
        default: return down ? Style.tint : Style.surface
        }
    }
    text: spec.text ?? ""
    visible: text !== ""
    implicitHeight: Math.max(Style.touch, row.implicitHeight + Style.dp(40))
    implicitWidth: Math.max(Style.dp(220), row.implicitWidth + Style.dp(80))
    focusPolicy: Qt.StrongFocus
    hoverEnabled: false
    autoRepeat: false
    Accessible.role: Accessible.Button
    Accessible.name: text
    Accessible.id: spec.id ?? ""
    onClicked: Door.press(spec.id, spec.act, spec.argument, 500)
    background: Rectangle {
        radius: Style.radius
        color: control.face
        border.width: control.filled && !Style.highContrast ? 0 : Style.dp(3)
        border.color: control.filled || control.variant === "inverse" ? Style.line : Style.primary
        Rectangle {
            anchors.fill: parent
            anchors.margins: -Style.dp(9)
            radius: parent.radius + Style.dp(9)
            color: "transparent"
            border.width: Style.dp(6)
            border.color: Style.focus
            visible: control.visualFocus
        }
    }
    leftPadding: Style.dp(32)
    rightPadding: Style.dp(32)
    contentItem: Item {
        implicitWidth: row.implicitWidth
        implicitHeight: row.implicitHeight
        RowLayout {
            id: row
            anchors.centerIn: parent
            width: Math.min(implicitWidth, parent.width)
            spacing: Style.dp(18)
            Icon {
                visible: name !== "" && name !== "arrow-right"
                name: control.spec.icon ?? ""
                tone: control.ink
                size: Style.dp(46)
            }
            Label {
                Layout.fillWidth: true
                text: control.text
                kind: control.kind
                color: control.ink
                font.weight: Font.Bold
                horizontalAlignment: Text.AlignHCenter
                Accessible.ignored: true
            }
            Icon {
                visible: name !== ""
                name: control.spec.icon === "arrow-right" ? "arrow-right" : ""
                tone: control.ink
                size: Style.dp(46)
            }
        }
    }
}
