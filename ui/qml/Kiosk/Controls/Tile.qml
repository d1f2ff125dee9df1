pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Templates as T
import Kiosk.Style

// A service of the menu: its name, and what works now.
T.Button {
    id: control
    property var spec: ({})
    property bool small: false          // one of many: smaller picture and type, no arrow
    readonly property bool worksNow: spec.state === "now"
    text: spec.text ?? ""
    focusPolicy: Qt.StrongFocus
    hoverEnabled: false
    implicitHeight: Math.max(Style.dp(small ? 160 : 208), implicitContentHeight + Style.dp(small ? 44 : 72))
    Accessible.role: Accessible.Button
    Accessible.name: text
    Accessible.description: [spec.agency ?? "", spec.sub ?? ""].filter(text => text !== "").join(". ")
    Accessible.id: spec.id ?? ""
    onClicked: Door.press(spec.id, spec.act, spec.argument, 500)
    background: Item {
        Rectangle {
            anchors.fill: parent
            anchors.topMargin: Style.dp(6)
            radius: Style.radius
            color: Style.shade
            visible: !control.down && !Style.highContrast
        }
        Rectangle {
            anchors.fill: parent
            anchors.bottomMargin: control.down ? 0 : Style.dp(6)
            radius: Style.radius
            color: control.down ? Style.tint : Style.surface
            border.width: Style.dp(Style.highContrast ? 4 : 2)
            border.color: control.down ? Style.primary : Style.highContrast ? Style.line : Style.edge
        }
        Loader { anchors.fill: parent; active: control.visualFocus; sourceComponent: FocusRing {} }
    }
    contentItem: Item {     // placed without layouts, which begin anew whenever a page comes or goes
        id: inside
        readonly property real lead: Style.dp(control.small ? 24 : Style.large ? 28 : 40)
        readonly property real gap: Style.dp(control.small ? 20 : Style.large ? 24 : 36)
        readonly property real start: lead + field.width + gap
        readonly property real end: Style.dp(control.small ? 16 : Style.large ? 20 : 32)
        implicitHeight: Math.max(field.height, words.height)
        Rectangle {
            id: field
            width: Style.dp(control.small ? 80 : 116)
            height: width
            x: Style.rightToLeft ? inside.width - width - inside.lead : inside.lead
            y: (inside.height - inside.implicitHeight) / 2
            radius: Style.dp(control.small ? 22 : 30)
            color: Style.tint
            Icon { anchors.centerIn: parent; name: control.spec.icon ?? ""; tone: Style.primary; size: Style.dp(control.small ? 48 : 66) }
        }
        Item {
            id: words
            readonly property real gap: Style.dp(control.small ? 6 : 10)
            readonly property real mark: state.size + Style.dp(14)
            width: inside.width - inside.start - inside.end - (control.small ? 0 : arrow.size + inside.gap)
            height: what.y + what.height + gap + Math.max(state.size + Style.dp(2), how.height)
            x: Style.rightToLeft ? inside.width - width - inside.start : inside.start
            y: (inside.height - height) / 2
            Label { id: agency; visible: text !== ""; width: parent.width; text: control.spec.agency ?? ""; kind: "small"; font.pixelSize: Style.sp(26); Accessible.ignored: true }
            Label { id: what; y: agency.text !== "" ? agency.height + words.gap : 0; width: parent.width; text: control.text; font.weight: Font.Bold; font.pixelSize: Style.sp(control.small ? 32 : 38); Accessible.ignored: true }
            Icon {
                id: state
                name: control.worksNow ? "circle-check" : "clock"
                tone: control.worksNow ? Style.ok : Style.warn
                size: Style.upTo(control.small ? 32 : 36, 64)
                x: Style.rightToLeft ? words.width - width : 0
                y: how.y + Style.dp(2)
            }
            Label {
                id: how
                x: Style.rightToLeft ? 0 : words.mark
                y: what.y + what.height + words.gap
                width: words.width - words.mark
                text: control.spec.sub ?? ""
                kind: "small"
                font.pixelSize: Style.sp(control.small ? 26 : 30)
                color: control.worksNow ? Style.ok : Style.warn
                Accessible.ignored: true
            }
        }
        Icon { id: arrow; visible: !control.small; name: control.small ? "" : "chevron-right"; tone: Style.primary; size: Style.dp(60); x: Style.rightToLeft ? inside.end : inside.width - width - inside.end; y: (inside.height - height) / 2 }
    }
}
