pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Kiosk.Style
import Kiosk.Controls

// After signing: what is done, what is being done, what is still to come.
Frame {
    id: screen
    property var f: ({})
    readonly property var way: f.steps ?? []
    title: f.title ?? ""
    lead: f.text ?? ""
    Accessible.id: "page-progress"
    Rectangle {
        Layout.fillWidth: true
        Layout.topMargin: Style.dp(Style.portrait ? 20 : 0)
        implicitHeight: list.implicitHeight + Style.dp(Style.portrait ? 96 : 56)
        radius: Style.dp(36)
        color: Style.surface
        border.width: Style.dp(Style.highContrast ? 4 : 2)
        border.color: Style.line
        ColumnLayout {
            id: list
            anchors.left: parent.left
            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
            anchors.leftMargin: Style.dp(Style.portrait ? 48 : 56)
            anchors.rightMargin: Style.dp(48)
            spacing: 0
            Repeater {
                model: screen.way.length
                Item {
                    id: step
                    required property int index
                    readonly property var spec: screen.way[index] ?? ({})
                    readonly property bool done: spec.state === "done"
                    readonly property bool now: spec.state === "now"
                    readonly property real disc: Style.dp(Style.portrait ? 104 : 80)
                    Layout.fillWidth: true
                    implicitHeight: Math.max(disc, what.implicitHeight) + (index < screen.way.length - 1 ? Style.dp(Style.portrait ? (Style.large ? 44 : 72) : 28) : 0)
                    Accessible.role: Accessible.StaticText
                    Accessible.name: spec.text ?? ""
                    Accessible.id: "step-" + index + "-" + (spec.state ?? "")
                    Rectangle {   // the way on to the next step
                        visible: step.index < screen.way.length - 1
                        x: mark.x + mark.width / 2 - width / 2
                        y: mark.y + mark.height
                        width: Style.dp(8)
                        height: step.height - step.disc
                        color: step.done ? Style.ok : Style.line
                    }
                    Rectangle {
                        id: mark
                        anchors.left: parent.left
                        width: step.disc
                        height: width
                        radius: width / 2
                        color: step.done ? Style.ok : Style.surface
                        border.width: step.done ? 0 : Style.dp(step.now ? 7 : 4)
                        border.color: step.now ? Style.primary : Style.line
                        Icon { visible: step.done; anchors.centerIn: parent; name: "check"; tone: Style.toneInk("ok"); size: parent.width * 0.6; stroke: "3" }
                        Row {
                            visible: step.now
                            anchors.centerIn: parent
                            spacing: step.disc * 0.08
                            Repeater {
                                model: 3
                                Rectangle {
                                    id: dot
                                    required property int index
                                    width: step.disc * 0.14
                                    height: width
                                    radius: width / 2
                                    color: Style.primary
                                    SequentialAnimation on opacity {
                                        running: screen.visible && step.now
                                        loops: Animation.Infinite
                                        PauseAnimation { duration: dot.index * 200 }
                                        NumberAnimation { from: 0.2; to: 1; duration: 300 }
                                        NumberAnimation { from: 1; to: 0.2; duration: 300 }
                                        PauseAnimation { duration: (3 - dot.index) * 200 }
                                    }
                                }
                            }
                        }
                    }
                    Label {
                        id: what
                        anchors.left: mark.right
                        anchors.right: parent.right
                        anchors.leftMargin: Style.dp(36)
                        y: Math.max(0, (step.disc - height) / 2)
                        text: step.spec.text ?? ""
                        font.pixelSize: Style.sp(42)
                        font.weight: step.now || step.done ? Font.Bold : Font.Normal
                        color: step.done ? Style.ok : step.now ? Style.text : Style.muted
                        Accessible.ignored: true
                    }
                }
            }
        }
    }
    Spring {}
    Notice { Layout.fillWidth: true; text: screen.f.note ?? ""; icon: "printer"; accessibleId: "progress-note" }
}
