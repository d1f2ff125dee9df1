pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Kiosk.Style
import Kiosk.Controls

// One thing to say: what happened, what to do, where to go.
Frame {
    id: screen
    property var f: ({})
    readonly property string tone: f.tone ?? "info"
    readonly property string code: f.code ?? ""
    readonly property bool busy: f.busy ?? false
    readonly property bool taking: (f.picture ?? "") === "take"
    title: f.title ?? ""
    centred: true
    actions: f.actions ?? []
    announcement: title
    Accessible.id: "page-" + (f.page ?? "message")
    Rectangle {
        Layout.fillWidth: true
        Layout.maximumWidth: Style.dp(1400)
        Layout.alignment: Qt.AlignHCenter
        implicitHeight: inside.implicitHeight + Style.dp(Style.portrait ? 128 : 72)
        radius: Style.dp(36)
        color: Style.surface
        border.width: Style.dp(Style.highContrast ? 4 : 2)
        border.color: Style.line
        ColumnLayout {
            id: inside
            anchors.left: parent.left
            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
            anchors.margins: Style.dp(Style.portrait ? 56 : 72)
            spacing: Style.dp(Style.portrait ? 28 : 20)
            CardPicture {
                visible: screen.taking
                Layout.fillWidth: true
                Layout.preferredHeight: Style.dp(Style.portrait ? (Style.large ? 420 : 640) : 380)
                leaving: true
                moving: screen.visible && screen.taking
                description: screen.f.title ?? ""
            }
            Rectangle {
                visible: !screen.taking
                Layout.alignment: Qt.AlignHCenter
                Layout.preferredWidth: Style.dp(!Style.portrait ? 120 : Style.large ? 160 : 220)
                Layout.preferredHeight: Layout.preferredWidth
                Layout.bottomMargin: Style.dp(12)
                radius: width / 2
                color: Style.toneTint(screen.tone)
                border.width: Style.highContrast ? Style.dp(4) : 0
                border.color: Style.tone(screen.tone)
                Icon { anchors.centerIn: parent; name: screen.f.icon ?? ""; tone: Style.tone(screen.tone); size: parent.width * 0.56 }
            }
            Label { text: screen.f.title ?? ""; kind: "h1"; Layout.fillWidth: true; horizontalAlignment: Text.AlignHCenter; Accessible.id: "message-title" }
            Label { visible: text !== ""; text: screen.f.text ?? ""; Layout.fillWidth: true; horizontalAlignment: Text.AlignHCenter; font.pixelSize: Style.sp(38); lineHeight: 1.08; Accessible.id: "message-text" }
            Row {
                visible: screen.busy
                Layout.alignment: Qt.AlignHCenter
                Layout.topMargin: Style.dp(16)
                spacing: Style.dp(26)
                Repeater {
                    model: 3
                    Rectangle {
                        id: dot
                        required property int index
                        width: Style.dp(30)
                        height: width
                        radius: width / 2
                        color: Style.primary
                        SequentialAnimation on opacity {
                            running: screen.visible && screen.busy
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
                visible: screen.code !== ""
                Layout.fillWidth: true
                Layout.maximumWidth: Style.dp(780)
                Layout.alignment: Qt.AlignHCenter
                Layout.topMargin: Style.dp(12)
                implicitHeight: codeBox.implicitHeight + Style.dp(56)
                radius: Style.radius
                color: Style.tint
                border.width: Style.dp(4)
                border.color: Style.primary
                ColumnLayout {
                    id: codeBox
                    anchors.left: parent.left
                    anchors.right: parent.right
                    anchors.verticalCenter: parent.verticalCenter
                    anchors.margins: Style.dp(28)
                    Label { text: screen.f.codeLabel ?? ""; kind: "small"; color: Style.text; Layout.fillWidth: true; horizontalAlignment: Text.AlignHCenter }
                    Label { text: screen.code; Layout.fillWidth: true; horizontalAlignment: Text.AlignHCenter; font.pixelSize: Style.upTo(68, 110); font.weight: Font.Bold; font.letterSpacing: Style.dp(4); fontSizeMode: Text.HorizontalFit; minimumPixelSize: Style.dp(40); wrapMode: Text.NoWrap; Accessible.id: "message-code" }
                }
            }
            Notice { Layout.fillWidth: true; Layout.topMargin: Style.dp(12); text: screen.f.note ?? ""; icon: "info"; accessibleId: "message-note" }
        }
    }
}
