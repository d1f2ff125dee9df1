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
    property var keys: null            // texts of the keyboard; null: this page needs none
    property bool keysWithSlash: true
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
        GridLayout {
            Layout.fillWidth: true
            Layout.fillHeight: true
            columns: Style.portrait ? 1 : 2
            columnSpacing: Style.dp(40)
            rowSpacing: Style.dp(20)
            Flickable {
                id: flick
                Layout.fillWidth: true
                Layout.fillHeight: true
                Layout.preferredWidth: 1
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
            Keyboard {
                visible: page.keys !== null
                Layout.fillWidth: true
                Layout.preferredWidth: Style.portrait ? -1 : 1.25
                Layout.alignment: Style.portrait ? Qt.AlignBottom : Qt.AlignTop
                texts: page.keys ?? {}
                slash: page.keysWithSlash
            }
        }
        GridLayout {
            id: row
            Layout.fillWidth: true
            visible: page.actions.length > 0
            readonly property bool stacked: Style.portrait && (page.actions.length > 2 || Style.large)
            columns: stacked ? 1 : Math.max(1, page.actions.length)
            columnSpacing: Style.dp(24)
            rowSpacing: Style.dp(20)
            Repeater {
                model: page.actions
                PushButton {
                    required property var modelData
                    required property int index
                    spec: modelData
                    readonly property bool grows: index === page.actions.length - 1 && variant !== "secondary"
                    Layout.fillWidth: row.stacked || (grows && Style.portrait)
                    Layout.minimumWidth: Style.dp(grows ? 420 : 200)
                    Layout.alignment: index === page.actions.length - 1 ? Qt.AlignRight : Qt.AlignLeft
                }
            }
        }
    }
    // where the scroll buttons stand: at the end side of what they move
    readonly property point corner: {
        void [page.width, page.height, flick.width, flick.height, flick.x, flick.y]
        return flick.mapToItem(page, Style.rightToLeft ? 0 : flick.width - Style.touch, 0)
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
        x: page.corner.x
        y: page.corner.y
    }
    ScrollButton {
        direction: 1
        label: page.scrollDown
        visible: flick.interactive && !flick.atYEnd
        x: page.corner.x
        y: page.corner.y + flick.height - height
    }
}
