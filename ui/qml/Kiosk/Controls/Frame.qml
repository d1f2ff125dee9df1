pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Kiosk.Style

// A page: steps, title, lead, content, and a fixed row of actions at the bottom (back at the start, the way on
// at the end). What is too long for the screen moves by two large buttons, never by a hidden swipe.
Item {
    id: page
    property string title
    property string lead
    property int step: 0
    property int steps: 0
    property string stepText: ""
    property var actions: []
    property string scrollUp
    property string scrollDown
    property bool centred: false
    default property alias content: body.data
    anchors.fill: parent
    Accessible.role: Accessible.Pane
    Accessible.name: title

    ColumnLayout {
        anchors.fill: parent
        anchors.leftMargin: Style.pad
        anchors.rightMargin: Style.pad
        anchors.topMargin: Style.lowered && Style.portrait ? Style.dp(430) : Style.dp(Style.portrait ? 52 : 32)
        anchors.bottomMargin: Style.dp(Style.portrait ? 40 : 28)
        spacing: Style.gap
        Flickable {
            id: flick
            Layout.fillWidth: true
            Layout.fillHeight: true
            contentWidth: width
            contentHeight: Math.max(height, column.implicitHeight)
            interactive: contentHeight > height
            boundsBehavior: Flickable.StopAtBounds
            clip: true
            ColumnLayout {
                id: column
                width: flick.width - (flick.interactive ? Style.dp(132) : 0)
                height: Math.max(implicitHeight, flick.height)
                spacing: Style.gap
                Steps { Layout.fillWidth: true; step: page.step; count: page.steps; text: page.stepText }
                Item { visible: page.centred; Layout.fillHeight: true; Layout.preferredHeight: 1 }
                Label { visible: text !== ""; text: page.title; kind: "h1"; Layout.fillWidth: true; horizontalAlignment: page.centred ? Text.AlignHCenter : Text.AlignLeft; Accessible.id: "page-title" }
                Label { visible: text !== ""; text: page.lead; color: Style.muted; Layout.fillWidth: true; horizontalAlignment: page.centred ? Text.AlignHCenter : Text.AlignLeft; Accessible.id: "page-lead" }
                ColumnLayout { id: body; spacing: Style.gap; Layout.fillWidth: true; Layout.fillHeight: !page.centred }
                Item { visible: page.centred; Layout.fillHeight: true; Layout.preferredHeight: 1 }
            }
        }
        GridLayout {
            id: row
            Layout.fillWidth: true
            visible: page.actions.length > 0
            readonly property bool stacked: Style.portrait && (page.actions.length > 2 || Style.large)
            columns: stacked ? 1 : page.actions.length + 1
            columnSpacing: Style.dp(24)
            rowSpacing: Style.dp(20)
            Repeater {
                model: page.actions
                PushButton {
                    required property var modelData
                    required property int index
                    spec: modelData
                    Layout.fillWidth: row.stacked || index === page.actions.length - 1
                    Layout.minimumWidth: Style.dp(200)
                    Layout.maximumWidth: row.stacked ? Number.POSITIVE_INFINITY : Style.dp(Style.portrait ? 640 : 900)
                    Layout.alignment: index === page.actions.length - 1 ? Qt.AlignRight : Qt.AlignLeft
                }
            }
        }
    }
    component ScrollButton: PushButton {
        id: scroll
        property int direction: 1
        property string label
        property string iconName
        spec: ({ id: "scroll-" + (direction > 0 ? "down" : "up"), text: " ", act: "", argument: "", variant: "secondary", icon: "" })
        Accessible.name: label
        width: Style.touch
        height: Style.touch
        onClicked: flick.contentY = Math.max(0, Math.min(flick.contentHeight - flick.height, flick.contentY + direction * flick.height * 0.7))
        Icon { anchors.centerIn: parent; name: "arrow-big-up"; rotation: scroll.direction > 0 ? 180 : 0; tone: Style.primary; size: Style.dp(60) }
    }
    ScrollButton {
        direction: -1
        label: page.scrollUp
        visible: flick.interactive && !flick.atYBeginning
        anchors.right: parent.right
        anchors.rightMargin: Style.pad
        y: flick.y + Style.dp(52)
    }
    ScrollButton {
        direction: 1
        label: page.scrollDown
        visible: flick.interactive && !flick.atYEnd
        anchors.right: parent.right
        anchors.rightMargin: Style.pad
        y: flick.y + flick.height - height + Style.dp(Style.portrait ? 52 : 32)
    }
}
