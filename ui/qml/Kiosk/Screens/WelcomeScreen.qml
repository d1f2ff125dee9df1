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
    property int turn: 0
    gradient: Gradient {
        GradientStop { position: 0; color: Style.highContrast ? "#000000" : "#0e5c88" }
        GradientStop { position: 1; color: Style.highContrast ? "#000000" : "#062638" }
    }
    Accessible.role: Accessible.Pane
    Accessible.name: screen.f.title ?? ""
    Accessible.id: "page-welcome"
    Timer { interval: 2200; running: screen.visible; repeat: true; onTriggered: screen.turn += 1 }
    MouseArea { anchors.fill: parent; onClicked: Door.press("welcome-anywhere", "touch", "", 500) }
    Rectangle { visible: !Style.highContrast; width: Math.max(screen.width, screen.height) * 0.9; height: width; radius: width / 2; color: "#ffffff"; opacity: 0.04; x: parent.width * 0.42; y: -height * 0.35 }
    Rectangle { visible: !Style.highContrast; width: Math.max(screen.width, screen.height) * 0.6; height: width; radius: width / 2; color: "#ffffff"; opacity: 0.05; x: -width * 0.45; y: parent.height * 0.55 }
    Rectangle {
        id: strip
        width: parent.width
        height: visible ? Style.dp(56) : 0
        visible: (screen.chrome.demonstration ?? "") !== ""
        color: "#ffcf6b"
        Label { anchors.centerIn: parent; width: parent.width - 2 * Style.pad; horizontalAlignment: Text.AlignHCenter; text: (screen.chrome.demonstration ?? "") + ((screen.chrome.shortTimes ?? "") !== "" ? " · " + screen.chrome.shortTimes : ""); color: "#2b1f00"; font.pixelSize: Style.dp(28); font.weight: Font.Bold; wrapMode: Text.NoWrap; fontSizeMode: Text.HorizontalFit; minimumPixelSize: Style.dp(18) }
    }
    GridLayout {
        anchors.fill: parent
        anchors.margins: Style.dp(72)
        anchors.topMargin: Style.dp(72) + strip.height
        columns: Style.portrait ? 1 : 2
        columnSpacing: Style.dp(80)
        ColumnLayout {
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.preferredWidth: 1
            spacing: Style.dp(28)
            RowLayout {
                spacing: Style.dp(28)
                Rectangle {
                    Layout.preferredWidth: Style.dp(116)
                    Layout.preferredHeight: Style.dp(116)
                    radius: Style.dp(30)
                    color: "#ffffff"
                    Icon { anchors.centerIn: parent; name: "heart-handshake"; tone: "#0b4a6f"; size: Style.dp(78) }
                }
                ColumnLayout {
                    spacing: 0
                    Label { text: screen.chrome.office ?? ""; color: "#ffffff"; kind: "h2"; Layout.fillWidth: true }
                    Label { text: screen.chrome.place ?? ""; color: "#cfe3f0"; kind: "small"; Layout.fillWidth: true }
                }
                Label { text: screen.chrome.clock ?? ""; color: "#ffffff"; kind: "h2"; wrapMode: Text.NoWrap }
            }
            Item { Layout.fillHeight: true; Layout.preferredHeight: 1 }
            Label { Layout.fillWidth: true; text: (screen.f.hellos ?? [""])[screen.turn % Math.max(1, (screen.f.hellos ?? [""]).length)]; kind: "display"; font.pixelSize: Style.dp(132); color: "#ffffff"; fontSizeMode: Text.HorizontalFit; minimumPixelSize: Style.dp(60); wrapMode: Text.NoWrap }
            Label { Layout.fillWidth: true; text: screen.f.text ?? ""; color: "#d6e7f2"; font.pixelSize: Style.sp(42) }
            Item { Layout.fillHeight: true; Layout.preferredHeight: 1 }
        }
        ColumnLayout {
            Layout.fillWidth: true
            Layout.minimumWidth: Style.portrait ? 0 : Style.dp(760)
            Layout.maximumWidth: Style.portrait ? Number.POSITIVE_INFINITY : Style.dp(760)
            Layout.alignment: Qt.AlignBottom
            spacing: Style.dp(36)
            T.Button {
                id: start
                Layout.fillWidth: true
                text: screen.f.start ?? ""
                implicitHeight: call.implicitHeight + Style.dp(88)
                hoverEnabled: false
                focusPolicy: Qt.StrongFocus
                Accessible.role: Accessible.Button
                Accessible.name: text
                Accessible.id: "start"
                onClicked: Door.press("start", "touch", "", 500)
                background: Rectangle { radius: Style.dp(36); color: start.down ? "#e2eef6" : "#ffffff"; border.width: start.visualFocus ? Style.dp(8) : 0; border.color: Style.focus }
                contentItem: Item {
                    RowLayout {
                        id: call
                        anchors.verticalCenter: parent.verticalCenter
                        anchors.left: parent.left
                        anchors.right: parent.right
                        anchors.margins: Style.dp(52)
                        spacing: Style.dp(36)
                        Icon { name: "hand"; tone: "#0b4a6f"; size: Style.dp(104) }
                        Label { Layout.fillWidth: true; text: start.text; kind: "h1"; font.pixelSize: Style.sp(50); color: "#0b4a6f"; Accessible.ignored: true }
                        Icon { name: "credit-card"; tone: "#0b4a6f"; size: Style.dp(104) }
                    }
                }
            }
            GridLayout {
                Layout.fillWidth: true
                columns: 3
                columnSpacing: Style.dp(20)
                Repeater {
                    model: screen.f.languages ?? []
                    T.Button {
                        id: language
                        required property var modelData
                        text: modelData.text
                        Layout.fillWidth: true
                        Layout.preferredWidth: 1
                        implicitHeight: Style.touch
                        hoverEnabled: false
                        focusPolicy: Qt.StrongFocus
                        Accessible.role: Accessible.Button
                        Accessible.name: text
                        Accessible.id: modelData.id
                        onClicked: Door.press(modelData.id, modelData.act, modelData.argument, 500)
                        background: Rectangle { radius: height / 2; color: language.down ? "#3a7396" : "transparent"; border.width: Style.dp(language.visualFocus ? 7 : 3); border.color: language.visualFocus ? Style.focus : "#8fb6cf" }
                        contentItem: Label { text: language.text; color: "#ffffff"; font.weight: Font.Bold; horizontalAlignment: Text.AlignHCenter; verticalAlignment: Text.AlignVCenter; Accessible.ignored: true }
                    }
                }
            }
        }
    }
}
