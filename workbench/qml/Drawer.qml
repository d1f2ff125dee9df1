pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts

// The cards of the demonstration; touching one puts it into the chosen reader.
Panel {
    id: drawer
    required property var bench
    property string slot: "visitor"
    title: "Cards"
    aside: "PIN 123456"
    Theme { id: theme }

    RowLayout {
        spacing: 8
        Words {
            text: "Insert into"
            color: theme.muted
        }
        Repeater {
            model: ["visitor", "staff"]
            PushButton {
                required property string modelData
                text: modelData === "visitor" ? "Visitor" : "Staff"
                identifier: "insert-into-" + modelData
                Accessible.name: "Insert into the " + modelData + " reader"
                chosen: drawer.slot === modelData
                onClicked: drawer.slot = modelData
            }
        }
    }
    ListView {
        id: list
        Layout.fillWidth: true
        Layout.fillHeight: true
        clip: true
        spacing: 5
        boundsBehavior: Flickable.StopAtBounds
        model: drawer.bench.cards
        Accessible.role: Accessible.List
        Accessible.name: "Cards"
        delegate: CardTile {
            required property var modelData
            width: ListView.view.width
            card: modelData
            onClicked: drawer.bench.insert(modelData.name, drawer.slot)
        }
        Words {
            visible: list.count === 0
            width: parent.width
            wrapMode: Text.Wrap
            color: theme.muted
            identifier: "no-cards"
            text: "The drawer is empty. The command\nguichet back-office seed\nmakes the cards."
        }
    }
}
