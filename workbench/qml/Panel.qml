import QtQuick
import QtQuick.Layouts

// A titled part of the bench.
Rectangle {
    id: panel
    default property alias content: body.data
    property string title
    property string aside
    property string asideId
    property real gap: 12
    Theme { id: theme }
    color: theme.surface
    radius: 12
    border.color: theme.line
    implicitWidth: column.implicitWidth + 32
    implicitHeight: column.implicitHeight + 32
    Accessible.role: Accessible.Grouping
    Accessible.name: title

    ColumnLayout {
        id: column
        anchors.fill: parent
        anchors.margins: 16
        spacing: panel.gap
        RowLayout {
            Words {
                text: panel.title
                font.pixelSize: theme.heading
                font.weight: Font.Bold
            }
            Words {
                Layout.fillWidth: true
                horizontalAlignment: Text.AlignRight
                text: panel.aside
                identifier: panel.asideId
                color: theme.muted
                font.pixelSize: theme.small
            }
        }
        ColumnLayout {
            id: body
            spacing: panel.gap
            Layout.fillWidth: true
            Layout.fillHeight: true
        }
    }
}
