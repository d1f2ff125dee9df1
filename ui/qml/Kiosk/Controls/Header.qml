import QtQuick
import QtQuick.Layouts
import Kiosk.Style

Rectangle {
    id: bar
    property var chrome: ({})
    readonly property bool marked: (chrome.demonstration ?? "") !== ""
    implicitHeight: Style.dp(Style.portrait ? 136 : 104) + strip.height + line.height
    color: Style.highContrast ? "#000000" : "#0b4a6f"
    RowLayout {
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.top: parent.top
        anchors.leftMargin: Style.pad
        anchors.rightMargin: Style.pad
        height: Style.dp(Style.portrait ? 136 : 104)
        spacing: Style.dp(24)
        Rectangle {
            Layout.preferredWidth: Style.dp(80)
            Layout.preferredHeight: Style.dp(80)
            radius: Style.dp(22)
            color: Style.highContrast ? "#ffe14d" : "#ffffff"
            Icon { anchors.centerIn: parent; name: "heart-handshake"; tone: Style.highContrast ? "#000000" : "#0b4a6f"; size: Style.dp(54) }
        }
        ColumnLayout {
            spacing: 0
            Layout.fillWidth: true
            Label { text: bar.chrome.office ?? ""; color: "#ffffff"; font.pixelSize: Style.dp(34); font.weight: Font.Bold; Layout.fillWidth: true; wrapMode: Text.NoWrap; fontSizeMode: Text.HorizontalFit; minimumPixelSize: Style.dp(20) }
            Label { text: bar.chrome.place ?? ""; color: Style.highContrast ? "#ffffff" : "#cfe3f0"; font.pixelSize: Style.dp(26); Layout.fillWidth: true; wrapMode: Text.NoWrap; fontSizeMode: Text.HorizontalFit; minimumPixelSize: Style.dp(18) }
        }
        PushButton {
            spec: ({ id: "end-session", text: bar.chrome.end ?? "", act: "end", argument: "", variant: "inverse", icon: "log-out" })
            implicitHeight: Style.dp(100)
            kind: "small"
            Layout.maximumWidth: Style.dp(460)
        }
        Label { text: bar.chrome.clock ?? ""; color: "#ffffff"; font.pixelSize: Style.dp(42); font.weight: Font.Bold; wrapMode: Text.NoWrap }
    }
    Rectangle {
        id: strip
        anchors.bottom: line.top
        width: parent.width
        height: bar.marked ? Style.dp(52) : 0
        visible: bar.marked
        color: Style.highContrast ? "#ffe14d" : "#ffcf6b"
        Label {
            anchors.centerIn: parent
            width: parent.width - 2 * Style.pad
            horizontalAlignment: Text.AlignHCenter
            text: (bar.chrome.demonstration ?? "") + ((bar.chrome.shortTimes ?? "") !== "" ? " · " + bar.chrome.shortTimes : "")
            color: "#2b1f00"
            font.pixelSize: Style.dp(28)
            font.weight: Font.Bold
            wrapMode: Text.NoWrap
            fontSizeMode: Text.HorizontalFit
            minimumPixelSize: Style.dp(18)
            Accessible.id: "demonstration"
        }
    }
    Rectangle {
        id: line
        anchors.bottom: parent.bottom
        width: parent.width
        readonly property bool shown: (bar.chrome.offline ?? "") !== ""
        visible: shown
        height: shown ? offline.implicitHeight + Style.dp(24) : 0
        color: Style.warnTint
        Label {
            id: offline
            anchors.centerIn: parent
            width: parent.width - 2 * Style.pad
            horizontalAlignment: Text.AlignHCenter
            kind: "small"
            color: Style.warn
            font.weight: Font.Bold
            text: bar.chrome.offline ?? ""
            Accessible.id: "offline"
        }
    }
}
