"""A gate of the shipped maps behind pymodbus' server: just enough of a controller for commands to come to their end.

usage: gate.py PORT BAUD controller|relay-box

Lines on standard input look at it and change it, each answered by one line:
  put coil|discrete|holding|input ADDRESS VALUE
  get coil|discrete|holding|input ADDRESS
  verdict VALUE        what further commands are answered with
"""

import asyncio
import sys

from pymodbus.server import ModbusSerialServer
from pymodbus.simulator import DataType, SimData, SimDevice

SIZE = 64
TABLE_OF_FUNCTION = {1: "coil", 5: "coil", 15: "coil", 2: "discrete", 3: "holding", 6: "holding", 16: "holding", 4: "input"}


class Gate:
    def __init__(self, kind):
        self.kind = kind
        self.tables = {table: [0] * SIZE for table in ("coil", "discrete", "holding", "input")}
        self.verdict = 1
        if kind == "controller":
            self.tables["input"][5] = 0x0203
            self.tables["discrete"][7] = 1
        else:
            # Closed; everything that is wired normally closed at rest; mains there.
            self.tables["discrete"][1:7] = [1] * 6

    async def action(self, function, _start, address, _count, registers, values):
        table = self.tables[TABLE_OF_FUNCTION[function]]
        if values is not None:
            for offset, value in enumerate(values):
                table[address + offset] = int(value)
            self.obey()
        elif TABLE_OF_FUNCTION[function] in ("coil", "discrete"):
            for number in range(len(registers)):
                bits = table[number * 16 : number * 16 + 16]
                registers[number] = sum(bit << place for place, bit in enumerate(bits))
        else:
            registers[: len(table)] = table
        return None

    def obey(self):
        holding, inputs = self.tables["holding"], self.tables["input"]
        if self.kind == "relay-box":
            opens = self.tables["coil"][0]
            self.tables["discrete"][0:2] = [opens, 1 - opens]
            return
        word, _persons, ticket = holding[0:3]
        if ticket == inputs[3]:
            return
        inputs[3], inputs[4] = ticket, self.verdict
        if self.verdict != 1:
            return
        if word in (1, 4):
            inputs[0], inputs[1] = 2, 0
        elif word in (2, 3):
            inputs[0] = 0
        elif word == 5:
            inputs[2] = 0

    def told(self, words):
        if words[0] == "put":
            self.tables[words[1]][int(words[2])] = int(words[3])
        elif words[0] == "get":
            return str(self.tables[words[1]][int(words[2])])
        elif words[0] == "verdict":
            self.verdict = int(words[1])
        else:
            return "unknown"
        return "ok"


async def main():
    port, baud, kind = sys.argv[1:4]
    gate = Gate(kind)
    bits = lambda: [SimData(0, values=[False] * SIZE, datatype=DataType.BITS)]
    words = lambda: [SimData(0, count=SIZE, values=0, datatype=DataType.REGISTERS)]
    device = SimDevice(1, simdata=(bits(), bits(), words(), words()), action=gate.action)
    # A pseudo-terminal has no parity, and pyserial takes its refusal for an error.
    server = ModbusSerialServer(device, port=port, baudrate=int(baud), parity="N", ignore_missing_devices=True)
    serving = asyncio.create_task(server.serve_forever())
    # A server that cannot start must end the program, not leave it deaf.
    serving.add_done_callback(lambda task: task.cancelled() or task.exception() is None or sys.exit(f"gate.py: {task.exception()!r}"))
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    print("ready", flush=True)
    while line := await lines.readline():
        print(gate.told(line.decode().split()), flush=True)
    serving.cancel()


asyncio.run(main())
