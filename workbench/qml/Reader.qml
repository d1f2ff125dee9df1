import QtQuick
import QtQuick.Layouts

// One reader: its slot with the card that is in it, and a way to take it out.
Panel {
    id: reader
    required property var bench
    required property string slot
    readonly property var state_: bench[slot]
    readonly property bool occupied: state_.card !== ""
    aside: occupied ? state_.title + (state_.kind !== "" ? ", " + state_.kind : "") : "no card"
    asideId: "in-" + slot
    Theme { id: theme }

    RowLayout {
        spacing: 14
        Item {
            Layout.fillWidth: true
            implicitHeight: 62
            Rectangle {
                id: face
                anchors.left: parent.left
                anchors.right: parent.right
                anchors.bottom: parent.bottom
                height: 30
                radius: 6
                color: theme.metal
                Rectangle {
                    anchors.horizontalCenter: parent.horizontalCenter
                    y: 8
                    width: 130
                    height: 5
                    radius: 2
                    color: "#000000"
                }
            }
            Rectangle {
                visible: reader.occupied
                width: 118
                height: 50
                radius: 6
                anchors.horizontalCenter: parent.horizontalCenter
                anchors.bottom: face.bottom
                anchors.bottomMargin: 19
                color: reader.state_.tone
                Text {
                    anchors.centerIn: parent
                    width: parent.width - 12
                    text: reader.state_.title
                    color: "#ffffff"
                    font.family: theme.family
                    font.pixelSize: theme.small
                    font.weight: Font.DemiBold
                    elide: Text.ElideRight
                    horizontalAlignment: Text.AlignHCenter
                    Accessible.ignored: true
                }
            }
        }
        PushButton {
            text: "Take out"
            identifier: "pull-" + reader.slot
            Accessible.name: "Take the card out of the " + reader.slot + " reader"
            enabled: reader.occupied
            onClicked: reader.bench.pull(reader.slot)
        }
    }
}
