pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Kiosk.Style

// Where an account number stands: on a bank card and on a statement. The numbers are an example of ours.
Rectangle {
    id: picture
    property string cardCaption
    property string statementCaption
    property string description
    readonly property string domestic: "19-2000145399/0800"
    readonly property string iban: "CZ65 0800 0000 1920 0014 5399"
    readonly property color mark: Style.highContrast ? "#ffe14d" : "#d97706"
    radius: Style.radius
    color: Style.tint
    border.width: Style.highContrast ? Style.dp(3) : 0
    border.color: Style.line
    implicitHeight: inside.implicitHeight + Style.dp(Style.portrait ? 40 : 28)
    Accessible.role: Accessible.Graphic
    Accessible.name: description
    Accessible.id: "where-picture"
    component Marked: Rectangle {
        id: marked
        property string text
        property color ink: Style.text
        radius: Style.dp(10)
        color: "transparent"
        border.width: Style.dp(4)
        border.color: picture.mark
        Label {
            anchors.centerIn: parent
            width: parent.width - Style.dp(20)
            horizontalAlignment: Text.AlignHCenter
            text: marked.text
            color: marked.ink
            font.pixelSize: Style.dp(32)
            font.weight: Font.Bold
            wrapMode: Text.NoWrap
            fontSizeMode: Text.HorizontalFit
            minimumPixelSize: Style.dp(13)
            Accessible.ignored: true
        }
    }
    GridLayout {
        id: inside
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.verticalCenter: parent.verticalCenter
        anchors.leftMargin: Style.dp(24)
        anchors.rightMargin: Style.dp(24)
        columns: 2
        columnSpacing: Style.dp(24)
        rowSpacing: Style.dp(6)
        Rectangle {   // a bank card
            Layout.fillWidth: true
            Layout.preferredWidth: 5
            Layout.preferredHeight: Style.dp(Style.portrait ? 140 : 124)
            radius: Style.dp(18)
            color: Style.highContrast ? "#000000" : "#0e5c88"
            border.width: Style.highContrast ? Style.dp(3) : 0
            border.color: "#ffffff"
            Rectangle { x: Style.dp(22); y: Style.dp(18); width: Style.dp(50); height: Style.dp(38); radius: Style.dp(8); color: "#f0c75e" }
            Row {
                anchors.right: parent.right
                anchors.rightMargin: Style.dp(22)
                y: Style.dp(20)
                spacing: -Style.dp(10)
                Rectangle { width: Style.dp(34); height: width; radius: width / 2; color: "#8fc1e0" }
                Rectangle { width: Style.dp(34); height: width; radius: width / 2; color: "#5f9fc6" }
            }
            Marked { anchors.horizontalCenter: parent.horizontalCenter; y: parent.height - height - Style.dp(14); width: parent.width - Style.dp(28); height: Style.dp(58); text: picture.domestic; ink: "#ffffff"; border.color: "#ffd479" }
        }
        Rectangle {   // a statement
            Layout.fillWidth: true
            Layout.preferredWidth: 6
            Layout.preferredHeight: Style.dp(Style.portrait ? 140 : 124)
            radius: Style.dp(6)
            color: Style.highContrast ? "#111111" : "#ffffff"
            border.width: Style.dp(2)
            border.color: Style.edge
            Rectangle { x: Style.dp(22); y: Style.dp(20); width: parent.width * 0.34; height: Style.dp(14); radius: height / 2; color: Style.primary }
            Rectangle { x: Style.dp(22); y: Style.dp(42); width: parent.width * 0.22; height: Style.dp(8); radius: height / 2; color: Style.line }
            Marked { anchors.horizontalCenter: parent.horizontalCenter; y: Style.dp(60); width: parent.width - Style.dp(24); height: Style.dp(58); text: picture.iban }
            Rectangle { x: Style.dp(22); visible: Style.portrait; y: Style.dp(126); width: parent.width - Style.dp(44); height: Style.dp(5); radius: height / 2; color: Style.line }
        }
        Label { text: picture.cardCaption; kind: "small"; color: Style.text; font.pixelSize: Style.upTo(28, 44); Layout.fillWidth: true; Layout.preferredWidth: 5; horizontalAlignment: Text.AlignHCenter; Accessible.ignored: true }
        Label { text: picture.statementCaption; kind: "small"; color: Style.text; font.pixelSize: Style.upTo(28, 44); Layout.fillWidth: true; Layout.preferredWidth: 6; horizontalAlignment: Text.AlignHCenter; Accessible.ignored: true }
    }
}
