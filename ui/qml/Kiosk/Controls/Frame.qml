pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Kiosk.Style

// A page: heading and content, which move together where they are longer than the screen; an answer being typed and
// its keyboard, which stay; and a fixed row of actions.
Item {
    id: page
    property string title
    property string lead
    property int step: 0
    property int steps: 0
    property string stepText: ""
    property var actions: []
    property bool centred: false
    property bool headed: true          // false where the room is needed for what is wrong
    property bool keyed: false
    property bool keyable: false        // here may be a keyboard; there is one for all pages, for forty keys are heavy
    readonly property alias keysPlace: keyboard
    readonly property alias keysRoom: keyboard.room
    property real keysHeight: 0
    property var keys: ({})             // texts of the keyboard
    property string keysKind: "account"
    property string keysLanguage: "en"
    property var keysLanguages: []
    property bool keysCapital: false
    property string place: ""           // another one is read from its beginning
    readonly property alias scrolled: flick.contentY
    property real wanted: 0             // so far down it is to be, as soon as there is enough of it, until a hand moves it
    property string foot: ""            // a sentence that stays above the actions, whatever is scrolled
    property bool footBad: false
    property string announcement: ""    // said by a screen reader as soon as it changes
    readonly property bool split: keyed && !Style.portrait
    readonly property bool headAbove: split && !Style.cramped
    default property alias content: body.data
    property alias entry: pinned.data
    component Foot: Loader {
        property bool shown: true
        active: shown && page.foot !== ""
        visible: active
        sourceComponent: Notice { text: page.foot; tone: page.footBad ? "bad" : "info"; icon: page.footBad ? "circle-alert" : "printer"; accessibleId: "paper" }
    }
    anchors.fill: parent
    function goDown(to: real) {
        wanted = to
        goOnDown()
    }
    function goOnDown() {
        if (wanted > 0 && flick.contentHeight - flick.height >= wanted)
            flick.contentY = wanted
    }
    Accessible.role: Accessible.Pane
    Accessible.name: title
    function begin() {
        wanted = 0
        flick.contentY = 0
    }
    onVisibleChanged: begin()
    onTitleChanged: begin()
    onPlaceChanged: begin()
    onAnnouncementChanged: {
        begin()
        if (visible && announcement !== "")
            page.Accessible.announce(announcement, Accessible.Assertive)
    }

    ColumnLayout {
        anchors.fill: parent
        anchors.leftMargin: Style.pad
        anchors.rightMargin: Style.pad
        anchors.topMargin: Style.dp(Style.portrait ? 48 : 30)
        anchors.bottomMargin: Style.dp(Style.portrait ? 40 : 28)
        spacing: Style.gap
        Heading {
            visible: page.headAbove
            Layout.fillWidth: true
            Layout.fillHeight: false
            wide: true
            title: page.title
            step: page.step
            steps: page.steps
            stepText: page.stepText
        }
        Item {
            id: area
            Layout.fillWidth: true
            Layout.fillHeight: true
            readonly property real side: page.split ? width - keyboard.width - Style.dp(40) : width
            readonly property real start: page.split && Style.rightToLeft ? width - side : 0
            readonly property real below: page.keyed && !page.split ? pinned.height + keyboard.height + 2 * Style.gap : 0
            Item {
                id: pinned
                visible: page.keyed
                x: area.start
                y: page.split ? 0 : area.height - area.below + Style.gap
                width: area.side
                height: page.keyed ? childrenRect.height : 0
            }
            Item {   // where the window's one keyboard stands
                id: keyboard
                property real room: page.split ? area.height : Math.min(Style.dp(600), area.height - pinned.height - 2 * Style.gap - Style.dp(300))
                visible: page.keyed
                x: page.split && !Style.rightToLeft ? area.width - width : 0
                y: page.split ? 0 : area.height - height
                width: page.split ? Math.max(Style.dp(940), area.width * 0.57) : area.width
                height: page.keysHeight
            }
            // the height for heading and content, and whether it is enough: nothing here depends on the answer, or
            // layout would go round in circles
            readonly property real begin: page.split ? pinned.height + Style.gap : 0
            readonly property real room: page.split ? height - begin : height - below
            readonly property bool over: column.implicitHeight > room + 1
            // on a low screen the buttons that move stand where the row of actions is empty
            readonly property real taken: row.widths.reduce((sum, one) => sum + one + Style.dp(24), 0)
            readonly property bool beside: !Style.portrait && !page.keyed && !page.centred && (row.count === 1 || row.count === 2)
                && !(page.foot !== "" && (Style.large || row.count > 1)) && width - taken > Style.dp(420)
            readonly property real free: beside ? width - taken : 0
            readonly property real begun: (row.widths[Style.rightToLeft && row.count > 1 ? 1 : 0] ?? 0) + Style.dp(24)   // where it begins, from the left
            readonly property real told: beside && page.foot !== "" ? free * 0.6 : 0
            Flickable {
                id: flick
                x: area.start
                y: area.begin
                width: area.side
                height: area.over && !area.beside ? area.room - scrolling.height - Style.dp(16) : area.room
                contentWidth: width
                contentHeight: Math.max(height, column.implicitHeight)
                interactive: area.over
                boundsBehavior: Flickable.StopAtBounds
                onContentHeightChanged: page.goOnDown()
                onHeightChanged: page.goOnDown()
                onMovementStarted: page.wanted = 0
                clip: interactive
                ColumnLayout {
                    id: column
                    width: area.side
                    height: Math.max(implicitHeight, flick.height)
                    spacing: Style.gap
                    Spring { visible: page.centred }
                    Heading {
                        Layout.fillHeight: false
                        visible: !page.headAbove && (page.title !== "" || page.steps > 0) && !page.centred && page.headed
                        Layout.fillWidth: true
                        wide: !Style.portrait && !page.split && page.steps > 0
                        title: page.title
                        lead: page.lead
                        step: page.step
                        steps: page.steps
                        stepText: page.stepText
                    }
                    Label {
                        visible: page.headAbove && text !== ""
                        text: page.lead
                        color: Style.muted
                        Layout.fillWidth: true
                    }
                    ColumnLayout { id: body; spacing: Style.gap; Layout.fillWidth: true; Layout.fillHeight: !page.centred; Layout.maximumWidth: Number.POSITIVE_INFINITY }
                    Spring { visible: page.centred }
                }
            }
            ScrollRow {
                id: scrolling
                onMoved: page.wanted = 0
                visible: area.over
                x: area.beside ? (Style.rightToLeft && row.count === 1 ? 0 : area.begun + (area.told > 0 ? area.free - width : 0)) : area.start
                y: area.beside ? area.height + Style.gap : area.begin + area.room - height
                width: area.beside ? area.free - area.told - (area.told > 0 ? Style.dp(24) : 0) : area.side
                height: area.beside ? row.height : implicitHeight
                target: flick
            }
            Foot {
                shown: area.beside
                x: Style.rightToLeft ? area.free - width : area.begun
                y: area.height + Style.gap
                width: scrolling.visible ? area.told : area.free
                height: row.height
            }
        }
        Foot { Layout.fillWidth: true; shown: !area.beside }
        ActionRow { id: row; Layout.fillWidth: true; actions: page.actions; centred: page.centred }
    }
}
