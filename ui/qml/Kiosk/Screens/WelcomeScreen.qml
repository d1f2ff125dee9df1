pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Kiosk.Style
import Kiosk.Controls

// Nobody is here: any touch, any card, any language begins a visit.
Rectangle {
    id: screen
    property var f: ({})
    property var chrome: ({})
    property string clock
    property int turn: 0
    readonly property var hellos: f.hellos ?? []
    clip: true
    gradient: Gradient {
        GradientStop { position: 0; color: Style.highContrast ? "#000000" : "#0e5c88" }
        GradientStop { position: 1; color: Style.highContrast ? "#000000" : "#062638" }
    }
    Accessible.role: Accessible.Pane
    Accessible.name: screen.f.title ?? ""
    Accessible.id: "page-welcome"
    Timer { interval: 2600; running: screen.visible && screen.hellos.length > 1; repeat: true; onTriggered: screen.turn += 1 }
    MouseArea { anchors.fill: parent; onClicked: Door.press("welcome-anywhere", "touch", "", 500) }
    Icon {   // faint, half outside
        visible: !Style.highContrast
        x: Style.rightToLeft ? -width * 0.32 : parent.width - width * 0.68
        y: Style.portrait ? parent.height * 0.16 : -height * 0.1
        name: "heart-handshake"
        tone: "#ffffff"
        stroke: "1"
        size: Style.dp(760)
        opacity: 0.07
    }
    Demonstration {
        id: strip
        width: parent.width
        text: screen.chrome.demonstration ?? ""
        times: screen.chrome.shortTimes ?? ""
        practice: screen.chrome.practice ?? false
    }
    GridLayout {
        anchors.fill: parent
        anchors.margins: Style.dp(Style.cramped ? 40 : Style.large || !Style.portrait ? 56 : 72)
        anchors.topMargin: anchors.margins + strip.height
        columns: Style.portrait ? 1 : 2
        columnSpacing: Style.dp(72)
        rowSpacing: Style.dp(32)
        RowLayout {
            Layout.columnSpan: Style.portrait ? 1 : 2
            Layout.fillWidth: true
            spacing: Style.dp(28)
            Rectangle {
                Layout.preferredWidth: Style.dp(112)
                Layout.preferredHeight: Style.dp(112)
                radius: Style.dp(30)
                color: Style.highContrast ? "#ffe14d" : "#ffffff"
                Icon { anchors.centerIn: parent; name: "heart-handshake"; tone: Style.highContrast ? "#000000" : "#0b4a6f"; size: Style.dp(76) }
            }
            ColumnLayout {
                Layout.fillWidth: true
                spacing: Style.dp(2)
                Label { text: screen.chrome.office ?? ""; color: Style.barInk; font.pixelSize: Style.upTo(42, 52); font.weight: Font.Bold; Layout.fillWidth: true }
                Label { text: screen.chrome.place ?? ""; color: Style.barMuted; font.pixelSize: Style.upTo(28, 38); Layout.fillWidth: true }
            }
            Label { text: screen.clock; color: Style.barInk; font.pixelSize: Style.upTo(44, 60); font.weight: Font.Bold; wrapMode: Text.NoWrap; Accessible.id: "clock" }
        }
        ColumnLayout {
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.preferredWidth: 1
            spacing: Style.dp(24)
            Spring {}
            Label {
                Layout.fillWidth: true
                text: screen.hellos[screen.turn % Math.max(1, screen.hellos.length)] ?? ""
                kind: "display"
                color: Style.barInk
                font.pixelSize: Style.dp(Style.cramped ? 96 : 128)
                fontSizeMode: Text.HorizontalFit
                minimumPixelSize: Style.dp(60)
                wrapMode: Text.NoWrap
                Accessible.name: screen.f.title ?? ""
            }
            Label { Layout.fillWidth: true; text: screen.f.text ?? ""; color: Style.highContrast ? "#ffffff" : "#e1eef6"; font.pixelSize: Style.upTo(42, Style.cramped ? 52 : Style.portrait ? 72 : 60) }
            Spring {}
        }
        ColumnLayout {
            Layout.fillWidth: true
            Layout.minimumWidth: Style.portrait ? 0 : Style.dp(740)
            Layout.maximumWidth: Style.portrait ? Number.POSITIVE_INFINITY : Style.dp(740)
            Layout.alignment: Style.portrait ? Qt.AlignBottom : Qt.AlignVCenter
            spacing: Style.dp(32)
            T.Button {
                id: start
                Layout.fillWidth: true
                text: screen.f.start ?? ""
                implicitHeight: call.implicitHeight + Style.dp(Style.large ? 56 : 88)
                hoverEnabled: false
                focusPolicy: Qt.StrongFocus
                Accessible.role: Accessible.Button
                Accessible.name: text
                Accessible.id: "start"
                onClicked: Door.press("start", "touch", "", 500)
                background: Rectangle {
                    radius: Style.dp(36)
                    color: Style.highContrast ? "#ffe14d" : start.down ? "#e2eef6" : "#ffffff"
                    border.width: start.visualFocus ? Style.dp(8) : 0
                    border.color: Style.focus
                }
                contentItem: Item {
                    RowLayout {
                        id: call
                        anchors.verticalCenter: parent.verticalCenter
                        anchors.left: parent.left
                        anchors.right: parent.right
                        anchors.leftMargin: Style.dp(48)
                        anchors.rightMargin: Style.dp(48)
                        spacing: Style.dp(32)
                        readonly property color ink: Style.highContrast ? "#000000" : "#0b4a6f"
                        Icon { visible: !Style.large; name: "hand"; tone: call.ink; size: Style.dp(100) }
                        Label { Layout.fillWidth: true; text: start.text; font.pixelSize: Style.upTo(50, Style.cramped ? 56 : 72); font.weight: Font.Bold; color: call.ink; Accessible.ignored: true }
                        Icon { name: "credit-card"; tone: call.ink; size: Style.dp(100) }
                    }
                }
            }
            GridLayout {
                Layout.fillWidth: true
                columns: 3
                columnSpacing: Style.dp(20)
                rowSpacing: Style.dp(20)
                Repeater {
                    model: (screen.f.languages ?? []).length
                    T.Button {
                        id: language
                        required property int index
                        readonly property var spec: screen.f.languages[index] ?? ({})
                        text: spec.text ?? ""
                        Layout.fillWidth: true
                        Layout.preferredWidth: 1
                        implicitHeight: Style.touch
                        hoverEnabled: false
                        focusPolicy: Qt.StrongFocus
                        Accessible.role: Accessible.Button
                        Accessible.name: text
                        Accessible.id: spec.id ?? ""
                        onClicked: Door.press(spec.id, spec.act, spec.argument, 500)
                        background: Rectangle {
                            radius: height / 2
                            color: language.down ? "#3a7396" : "transparent"
                            border.width: Style.dp(language.visualFocus ? 7 : 4)
                            border.color: language.visualFocus ? Style.focus : Style.highContrast ? "#ffe14d" : "#a9cbe0"
                        }
                        contentItem: Item {
                            Label { anchors.centerIn: parent; width: Math.min(implicitWidth, parent.width); text: language.text; color: Style.highContrast ? "#ffe14d" : "#ffffff"; font.pixelSize: Style.upTo(34, 48); font.weight: Font.Bold; Accessible.ignored: true }
                        }
                    }
                }
            }
        }
    }
}
