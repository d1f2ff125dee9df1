pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts

// The pad that asks (the visitor's when none does), with its own small display. Digits never show anywhere.
Panel {
    id: pad
    required property var bench
    readonly property string slot: bench.staff.entering && !bench.visitor.entering ? "staff" : "visitor"
    readonly property var state_: bench[slot]
    title: "PIN pad"
    aside: state_.entering ? "the " + slot + " reader asks" : "idle"
    asideId: "pad-state"
    Theme { id: theme }

    Rectangle {
        Layout.fillWidth: true
        implicitHeight: 56
        radius: 6
        color: theme.display
        border.color: theme.edge
        Text {
            property string identifier: "pad-display"
            anchors.fill: parent
            anchors.leftMargin: 10
            color: theme.displayText
            font.family: "Guichet Printer"
            font.pixelSize: 18
            verticalAlignment: Text.AlignVCenter
            text: pad.state_.shown
            Accessible.role: Accessible.StaticText
            Accessible.id: identifier
            Accessible.name: "Display of the pad: " + text.replace("\n", " ")
        }
    }
    GridLayout {
        columns: 4
        columnSpacing: 8
        rowSpacing: 8
        Layout.fillWidth: true
        Repeater {
            model: [
                {key: "1"}, {key: "2"}, {key: "3"}, {key: "cancel", text: "Cancel", face: "#c62f2f", ink: "#ffffff"},
                {key: "4"}, {key: "5"}, {key: "6"}, {key: "back", text: "Back", face: "#f0c93f", ink: "#2b2200"},
                {key: "7"}, {key: "8"}, {key: "9"}, {key: "clear", text: "Clear", face: "#f0c93f", ink: "#2b2200"},
                {key: ""}, {key: "0"}, {key: ""}, {key: "enter", text: "Enter", face: "#1d7f4e", ink: "#ffffff"}
            ]
            PushButton {
                required property var modelData
                Layout.fillWidth: true
                Layout.preferredWidth: 60
                large: true
                font.pixelSize: modelData.key.length === 1 ? 20 : 15
                text: modelData.text ?? modelData.key
                face: modelData.face ?? "#f7f9fa"
                ink: modelData.ink ?? theme.text
                opacity: modelData.key === "" ? 0 : 1
                enabled: modelData.key !== ""
                identifier: "key-" + modelData.key
                Accessible.ignored: modelData.key === ""
                onClicked: pad.bench.press(modelData.key, pad.slot)
            }
        }
    }
    PushButton {
        Layout.fillWidth: true
        text: "Type 123456 and Enter"
        identifier: "type-pin"
        enabled: pad.state_.entering
        onClicked: pad.bench.typePin(pad.slot)
    }
}
