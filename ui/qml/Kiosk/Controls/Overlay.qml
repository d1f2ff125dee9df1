pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Kiosk.Style

// What lies over a page: languages, help, the call for staff, the idle warning.
Rectangle {
    id: overlay
    property var f: ({})
    readonly property string kind: f.kind ?? ""
    readonly property var languages: f.languages ?? []
    readonly property bool idle: kind === "idle"
    readonly property var icons: ({ language: "languages", help: "circle-help", staff: "hand", idle: "clock" })
    visible: kind !== ""
    color: Style.highContrast ? "#e6000000" : "#b3041c2b"
    onKindChanged: if (visible) overlay.Accessible.announce(f.title ?? "", Accessible.Assertive)
    MouseArea { anchors.fill: parent }
    Rectangle {
        id: box
        width: Math.min(parent.width - 2 * Style.pad, Style.dp(Style.portrait ? 968 : 1280))
        height: inside.implicitHeight + Style.dp(112)
        readonly property real most: parent.height * Style.reach - Style.dp(48)
        // what the text may take; what does not depend on it, so that nothing goes round in circles
        readonly property real room: most - Style.dp(112) - head.implicitHeight - close.height - (more.visible ? more.height + inside.spacing : 0) - 2 * inside.spacing
        readonly property bool over: reading.implicitHeight > room
        anchors.horizontalCenter: parent.horizontalCenter
        y: parent.height - parent.height * Style.reach / 2 - height / 2
        radius: Style.dp(36)
        color: Style.surface
        border.width: Style.highContrast ? Style.dp(4) : 0
        border.color: Style.line
        Accessible.role: Accessible.Dialog
        Accessible.name: overlay.f.title ?? ""
        Accessible.id: "overlay-" + overlay.kind
        ColumnLayout {
            id: inside
            anchors.left: parent.left
            anchors.right: parent.right
            anchors.top: parent.top
            anchors.margins: Style.dp(56)
            spacing: Style.dp(28)
            RowLayout {
                id: head
                Layout.fillWidth: true
                spacing: Style.dp(32)
                Rectangle {
                    Layout.preferredWidth: Style.dp(116)
                    Layout.preferredHeight: Style.dp(116)
                    Layout.alignment: Qt.AlignTop
                    radius: width / 2
                    color: overlay.idle ? Style.warnTint : Style.tint
                    border.width: Style.highContrast ? Style.dp(4) : 0
                    border.color: overlay.idle ? Style.warn : Style.primary
                    Icon { anchors.centerIn: parent; name: overlay.icons[overlay.kind] ?? ""; tone: overlay.idle ? Style.warn : Style.primary; size: Style.dp(66) }
                }
                Label { text: overlay.f.title ?? ""; kind: "h1"; Layout.fillWidth: true; Accessible.id: "overlay-title" }
            }
            Flickable {
                id: flick
                Layout.fillWidth: true
                Layout.preferredHeight: box.over ? box.room - Style.dp(100) - inside.spacing : reading.implicitHeight
                contentHeight: reading.implicitHeight
                interactive: box.over
                boundsBehavior: Flickable.StopAtBounds
                clip: interactive
                ColumnLayout {
                    id: reading
                    width: flick.width
                    spacing: Style.dp(28)
                    Label { visible: text !== ""; text: overlay.f.text ?? ""; Layout.fillWidth: true; font.pixelSize: Style.sp(36); lineHeight: 1.08; Accessible.id: "overlay-text" }
                    Label { visible: text !== ""; text: overlay.f.secondsText ?? ""; Layout.fillWidth: true; font.pixelSize: Style.sp(42); font.weight: Font.Bold; color: Style.warn; Accessible.id: "idle-seconds" }
                    Rectangle {
                        visible: overlay.idle
                        Layout.fillWidth: true
                        Layout.preferredHeight: Style.dp(24)
                        radius: height / 2
                        color: Style.warnTint
                        border.width: Style.dp(2)
                        border.color: Style.warn
                        Rectangle { anchors.left: parent.left; width: Math.max(height, parent.width * (overlay.f.share ?? 0)); height: parent.height; radius: height / 2; color: Style.warn }
                    }
                    GridLayout {
                        visible: overlay.languages.length > 0
                        Layout.fillWidth: true
                        columns: Style.portrait ? 1 : 3
                        columnSpacing: Style.dp(24)
                        rowSpacing: Style.dp(24)
                        Repeater {
                            model: overlay.languages.length
                            PushButton { required property int index; spec: overlay.languages[index] ?? ({}); Layout.fillWidth: true; Layout.preferredWidth: 1; Layout.preferredHeight: Math.max(Style.dp(132), implicitHeight) }
                        }
                    }
                }
            }
            ScrollRow { visible: box.over; Layout.fillWidth: true; target: flick }
            PushButton {
                id: more
                visible: (overlay.f.more?.text ?? "") !== ""
                Layout.fillWidth: true
                Layout.preferredHeight: Math.max(Style.dp(132), implicitHeight)
                spec: overlay.f.more ?? ({})
            }
            PushButton {
                id: close
                Layout.fillWidth: true
                Layout.preferredHeight: Math.max(Style.dp(132), implicitHeight)
                spec: ({ id: "overlay-close", text: overlay.f.close ?? "", act: "close", argument: "", variant: overlay.kind === "language" ? "secondary" : "primary", icon: "" })
            }
        }
    }
}
