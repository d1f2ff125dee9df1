import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Kiosk.Style

// A button as the view describes it: {id, text, act, argument, variant, icon}. An empty spec shows nothing.
T.Button {
    id: control
    property var spec: ({})
    property string kind: "body"
    property int pixels: 0              // a text size of its own, where the place is fixed
    property bool slim: false
    readonly property string variant: spec.variant ?? "primary"
    readonly property string symbol: spec.icon ?? ""
    readonly property bool trailing: symbol === "arrow-right"
    readonly property bool filled: variant === "primary" || variant === "ok"
    readonly property color ink: {
        switch (variant) {
        case "primary": return Style.primaryInk
        case "ok": return Style.toneInk("ok")
        case "danger": return Style.bad
        case "inverse": return Style.barInk
        default: return Style.primary
        }
    }
    readonly property color face: {
        switch (variant) {
        case "primary": return down ? Style.primaryDown : Style.primary
        case "ok": return down ? Qt.darker(Style.ok, 1.2) : Style.ok
        case "danger": return down ? Style.badTint : Style.surface
        case "inverse": return down ? (Style.highContrast ? "#333333" : "#083650") : Style.highContrast ? "#000000" : "#145a84"
        case "soft": return down ? Style.surface : Style.tint
        default: return down ? Style.tint : Style.surface
        }
    }
    text: spec.text ?? ""
    visible: text !== ""
    implicitHeight: Math.max(slim ? Style.dp(100) : Style.touch, row.implicitHeight + Style.dp(slim ? 24 : 40))
    implicitWidth: Math.max(Style.dp(slim ? 160 : 220), row.implicitWidth + leftPadding + rightPadding)
    focusPolicy: Qt.StrongFocus
    hoverEnabled: false
    autoRepeat: false
    leftPadding: Style.dp(slim ? 26 : 36)
    rightPadding: leftPadding
    Accessible.role: Accessible.Button
    Accessible.name: text
    Accessible.id: spec.id ?? ""
    onClicked: Door.press(spec.id, spec.act, spec.argument, 500)
    background: Rectangle {
        radius: Style.radius
        color: control.face
        border.width: control.filled && !Style.highContrast ? 0 : Style.dp(3)
        border.color: control.variant === "danger" ? Style.bad : control.variant === "inverse" ? (Style.highContrast ? "#ffffff" : "#7fb0cd") : Style.primary
        FocusRing { visible: control.visualFocus }
    }
    contentItem: Item {
        implicitWidth: row.implicitWidth
        implicitHeight: row.implicitHeight
        RowLayout {
            id: row
            anchors.centerIn: parent
            width: Math.min(implicitWidth, parent.width)
            spacing: Style.dp(18)
            Icon {
                visible: name !== ""
                name: control.trailing ? "" : control.symbol
                tone: control.ink
                size: Style.upTo(46, 64)
            }
            Label {
                Layout.fillWidth: true
                text: control.text
                kind: control.kind
                font.pixelSize: control.pixels > 0 ? control.pixels : Style.sp(control.kind === "small" ? 28 : control.kind === "h2" ? 42 : 34)
                color: control.ink
                font.weight: Font.Bold
                horizontalAlignment: Text.AlignHCenter
                Accessible.ignored: true
            }
            Icon {
                visible: name !== ""
                name: control.trailing ? control.symbol : ""
                tone: control.ink
                size: Style.upTo(46, 64)
            }
        }
    }
}
