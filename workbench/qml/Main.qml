import QtQuick
import QtQuick.Layouts
import QtQuick.Window

Window {
    id: window
    required property var bench
    width: 1200
    height: Math.max(minimumHeight, Math.min(960, Screen.desktopAvailableHeight - 60))
    minimumWidth: 1080
    minimumHeight: 720
    x: Math.max(0, Screen.width - width - 24) // beside the kiosk, which stands on the left
    y: Math.max(0, (Screen.height - height) / 4)
    visible: true
    color: theme.ground
    title: "Guichet workbench"
    Theme { id: theme }

    ColumnLayout {
        anchors.fill: parent
        spacing: 0
        Header {
            Layout.fillWidth: true
            bench: window.bench
        }
        RowLayout {
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.margins: 16
            spacing: 16
            ColumnLayout {
                Layout.preferredWidth: 290
                Layout.maximumWidth: 290
                Layout.fillHeight: true
                spacing: 12
                Drawer {
                    Layout.fillWidth: true
                    Layout.fillHeight: true
                    bench: window.bench
                }
                Reader {
                    Layout.fillWidth: true
                    title: "Staff reader"
                    slot: "staff"
                    bench: window.bench
                }
            }
            ColumnLayout {
                Layout.preferredWidth: 370
                Layout.maximumWidth: 370
                Layout.fillHeight: true
                spacing: 12
                Reader {
                    Layout.fillWidth: true
                    title: "Visitor reader"
                    slot: "visitor"
                    bench: window.bench
                    RowLayout {
                        spacing: 8
                        Words {
                            Layout.fillWidth: true
                            text: "Leaves by itself"
                            color: theme.muted
                        }
                        PushButton {
                            text: "before signing"
                            identifier: "arm-before"
                            Accessible.name: "The card leaves before its next signature"
                            onClicked: window.bench.arm("pull-before-signature")
                        }
                        PushButton {
                            text: "after it"
                            identifier: "arm-after"
                            Accessible.name: "The card leaves after its next signature"
                            onClicked: window.bench.arm("pull-after-signature")
                        }
                    }
                }
                PinPad {
                    Layout.fillWidth: true
                    bench: window.bench
                }
                Words {
                    Layout.fillWidth: true
                    visible: text !== ""
                    identifier: "sound"
                    text: window.bench.sound
                    color: theme.muted
                }
                Item { Layout.fillHeight: true }
            }
            ColumnLayout {
                Layout.fillWidth: true
                Layout.fillHeight: true
                spacing: 12
                Printer {
                    Layout.fillWidth: true
                    Layout.fillHeight: true
                    bench: window.bench
                }
                Scanner {
                    Layout.fillWidth: true
                    bench: window.bench
                }
            }
        }
        Rectangle {
            Layout.fillWidth: true
            implicitHeight: 40
            color: window.bench.refused ? theme.badTint : theme.tint
            Words {
                anchors.fill: parent
                anchors.leftMargin: 20
                anchors.rightMargin: 20
                verticalAlignment: Text.AlignVCenter
                identifier: "message"
                text: window.bench.message
                color: window.bench.refused ? theme.bad : theme.muted
            }
        }
    }
}
