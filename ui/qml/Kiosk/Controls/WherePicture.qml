import QtQuick
import QtQuick.Layouts
import Kiosk.Style

// Where an account number stands: on a bank card and on a statement.
Rectangle {
    id: picture
    property string title
    property string text
    property string cardCaption
    property string statementCaption
    property string description
    property bool compact: false
    readonly property string domestic: "19-2000145399/0800"
    readonly property string iban: "CZ65 0800 0000 1920 0014 5399"
    radius: Style.radius
    color: Style.tint
    border.width: Style.highContrast ? Style.dp(3) : 0
    border.color: Style.line
    implicitHeight: inside.implicitHeight + Style.dp(44)
    Accessible.role: Accessible.Graphic
    Accessible.name: description + " " + text
    ColumnLayout {
        id: inside
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.verticalCenter: parent.verticalCenter
        anchors.margins: Style.dp(28)
        spacing: Style.dp(14)
        Label { visible: !picture.compact; text: picture.title; font.weight: Font.Bold; Layout.fillWidth: true; Accessible.ignored: true }
        RowLayout {
            Layout.fillWidth: true
            spacing: Style.dp(28)
            ColumnLayout {
                Layout.fillWidth: true
                Layout.preferredWidth: 1
                spacing: Style.dp(8)
                Rectangle {
                    Layout.fillWidth: true
                    Layout.preferredHeight: Style.dp(128)
                    radius: Style.dp(18)
                    color: Style.highContrast ? "#000000" : "#0e5c88"
                    border.width: Style.highContrast ? Style.dp(3) : 0
                    border.color: "#ffffff"
                    Rectangle { x: Style.dp(26); y: Style.dp(14); width: Style.dp(44); height: Style.dp(34); radius: Style.dp(8); color: "#e3b341" }
                    Rectangle {
                        anchors.horizontalCenter: parent.horizontalCenter
                        y: Style.dp(56)
                        width: parent.width - Style.dp(36)
                        height: Style.dp(62)
                        radius: Style.dp(10)
                        color: "transparent"
                        border.width: Style.dp(4)
                        border.color: "#ffcf6b"
                        Label { anchors.centerIn: parent; width: parent.width - Style.dp(12); horizontalAlignment: Text.AlignHCenter; text: picture.domestic; color: "#ffffff"; font.pixelSize: Style.dp(32); font.weight: Font.Bold; wrapMode: Text.NoWrap; fontSizeMode: Text.HorizontalFit; minimumPixelSize: Style.dp(14); Accessible.ignored: true }
                    }
                                    }
                Label { text: picture.cardCaption; kind: "small"; Layout.fillWidth: true; horizontalAlignment: Text.AlignHCenter; Accessible.ignored: true }
            }
            ColumnLayout {
                Layout.fillWidth: true
                Layout.preferredWidth: 1
                spacing: Style.dp(8)
                Rectangle {
                    Layout.fillWidth: true
                    Layout.preferredHeight: Style.dp(128)
                    radius: Style.dp(6)
                    color: Style.highContrast ? "#111111" : "#ffffff"
                    border.width: Style.dp(2)
                    border.color: Style.edge
                    Rectangle { x: Style.dp(24); y: Style.dp(16); width: parent.width * 0.35; height: Style.dp(16); radius: height / 2; color: Style.primary }
                    Rectangle {
                        anchors.horizontalCenter: parent.horizontalCenter
                        y: Style.dp(46)
                        width: parent.width - Style.dp(28)
                        height: Style.dp(62)
                        radius: Style.dp(10)
                        color: "transparent"
                        border.width: Style.dp(4)
                        border.color: Style.highContrast ? "#ffcf6b" : "#c77700"
                        Label { anchors.centerIn: parent; width: parent.width - Style.dp(12); horizontalAlignment: Text.AlignHCenter; text: picture.iban; font.pixelSize: Style.dp(30); font.weight: Font.Bold; wrapMode: Text.NoWrap; fontSizeMode: Text.HorizontalFit; minimumPixelSize: Style.dp(12); Accessible.ignored: true }
                    }
                }
                Label { text: picture.statementCaption; kind: "small"; Layout.fillWidth: true; horizontalAlignment: Text.AlignHCenter; Accessible.ignored: true }
            }
        }
        Label { visible: !picture.compact; text: picture.text; kind: "small"; color: Style.text; Layout.fillWidth: true; Accessible.ignored: true }
    }
}
