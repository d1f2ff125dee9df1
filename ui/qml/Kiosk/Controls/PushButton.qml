pragma ComponentBehavior: Bound
import QtQuick
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
    implicitHeight: Math.max(slim ? Style.dp(100) : Style.touch, implicitContentHeight + Style.dp(slim ? 24 : 40))
    implicitWidth: Math.max(Style.dp(slim ? 160 : 220), implicitContentWidth + leftPadding + rightPadding)
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
        Loader { anchors.fill: parent; active: control.visualFocus; sourceComponent: FocusRing {} }
    }
    contentItem: Item {     // placed without layouts and without asking `visible`, which begin anew whenever a page comes or goes
        id: inside
        readonly property real picture: control.symbol !== "" ? symbol.size + Style.dp(18) : 0
        readonly property real start: (width - picture - words.width) / 2
        readonly property bool pictureFirst: control.trailing ? Style.rightToLeft : !Style.rightToLeft
        implicitWidth: picture + words.implicitWidth
        implicitHeight: Math.max(control.symbol !== "" ? symbol.size : 0, words.implicitHeight)
        Icon {
            id: symbol
            visible: name !== ""
            name: control.symbol
            tone: control.ink
            size: Style.upTo(46, 64)
            x: inside.pictureFirst ? inside.start : inside.start + words.width + Style.dp(18)
            y: (inside.height - height) / 2
        }
        Label {
            id: words
            x: inside.pictureFirst ? inside.start + inside.picture : inside.start
            y: (inside.height - height) / 2
            width: Math.min(Math.ceil(implicitWidth), inside.width - inside.picture)
            text: control.text
            kind: control.kind
            font.pixelSize: control.pixels > 0 ? control.pixels : Style.sp(control.kind === "small" ? 28 : control.kind === "h2" ? 42 : 34)
            color: control.ink
            font.weight: Font.Bold
            horizontalAlignment: Text.AlignHCenter
            Accessible.ignored: true
        }
    }
}
