pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Kiosk.Style
import Kiosk.Controls

// One thing to say: what happened, what to do, where to go.
Frame {
    id: screen
    property var f: ({})
    property string name: "message"
    readonly property string tone: f.tone ?? "info"
    centred: true
    actions: f.actions ?? []
    Accessible.id: "page-" + (f.page ?? "message")
    Accessible.name: f.title ?? ""
    CardPicture {
        visible: (screen.f.picture ?? "") === "take"
        Layout.alignment: Qt.AlignHCenter
        Layout.preferredHeight: Style.dp(Style.portrait ? 620 : 400)
        leaving: true
        moving: screen.visible && visible
        description: screen.f.title ?? ""
    }
    Rectangle {
        visible: (screen.f.picture ?? "") === ""
        Layout.alignment: Qt.AlignHCenter
        Layout.preferredWidth: Style.dp(Style.portrait ? 240 : 180)
        Layout.preferredHeight: Layout.preferredWidth
        radius: width / 2
        color: Style.toneTint(screen.tone)
        border.width: Style.highContrast ? Style.dp(4) : 0
        border.color: Style.tone(screen.tone)
        Icon { anchors.centerIn: parent; name: screen.f.icon ?? ""; tone: Style.tone(screen.tone); size: parent.width * 0.56 }
    }
    Label { text: screen.f.title ?? ""; kind: "h1"; Layout.fillWidth: true; horizontalAlignment: Text.AlignHCenter; Accessible.id: "message-title" }
    Label { visible: text !== ""; text: screen.f.text ?? ""; Layout.fillWidth: true; Layout.maximumWidth: Style.dp(1180); Layout.alignment: Qt.AlignHCenter; horizontalAlignment: Text.AlignHCenter; font.pixelSize: Style.sp(38); Accessible.id: "message-text" }
    Row {
        visible: screen.f.busy ?? false
        Layout.alignment: Qt.AlignHCenter
        spacing: Style.dp(22)
        Repeater {
            model: 3
            Rectangle {
                id: dot
                required property int index
                width: Style.dp(28)
                height: width
                radius: width / 2
                color: Style.primary
                SequentialAnimation on opacity {
                    running: screen.visible && (screen.f.busy ?? false)
                    loops: Animation.Infinite
                    PauseAnimation { duration: dot.index * 220 }
                    NumberAnimation { from: 0.25; to: 1; duration: 320 }
                    NumberAnimation { from: 1; to: 0.25; duration: 320 }
                    PauseAnimation { duration: (3 - dot.index) * 220 }
                }
            }
        }
    }
    Rectangle {
        visible: (screen.f.code ?? "") !== ""
        Layout.alignment: Qt.AlignHCenter
        Layout.preferredWidth: Math.min(screen.width - 2 * Style.pad, codeBox.implicitWidth + Style.dp(120))
        Layout.preferredHeight: codeBox.implicitHeight + Style.dp(56)
        radius: Style.radius
        color: Style.surface
        border.width: Style.dp(4)
        border.color: Style.primary
        ColumnLayout {
            id: codeBox
            anchors.centerIn: parent
            Label { text: screen.f.codeLabel ?? ""; kind: "small"; Layout.alignment: Qt.AlignHCenter }
            Label { text: screen.f.code ?? ""; font.pixelSize: Style.sp(64); font.weight: Font.Bold; font.letterSpacing: Style.dp(4); wrapMode: Text.NoWrap; Layout.alignment: Qt.AlignHCenter; Accessible.id: "message-code" }
        }
    }
    Notice { Layout.fillWidth: true; Layout.maximumWidth: Style.dp(1180); Layout.alignment: Qt.AlignHCenter; text: screen.f.note ?? ""; icon: "info"; accessibleId: "message-note" }
}
