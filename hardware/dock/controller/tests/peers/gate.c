/* A gate of the shipped maps behind libmodbus' server: just enough of a controller for commands to come to their end.
 *
 * usage: gate PORT BAUD controller|relay-box
 *
 * Lines on standard input look at it and change it, each answered by one line:
 *   put coil|discrete|holding|input ADDRESS VALUE
 *   get coil|discrete|holding|input ADDRESS
 *   verdict VALUE        what further commands are answered with
 */

#include <errno.h>
#include <modbus.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIZE = 64 };

static modbus_mapping_t *tables;
static int relay_box;
static int verdict = 1;

static void obey(void)
{
    uint16_t *holding = tables->tab_registers, *input = tables->tab_input_registers;
    if (relay_box) {
        int opens = tables->tab_bits[0];
        tables->tab_input_bits[0] = opens;
        tables->tab_input_bits[1] = !opens;
        return;
    }
    if (holding[2] == input[3])
        return;
    input[3] = holding[2];
    input[4] = verdict;
    if (verdict != 1)
        return;
    switch (holding[0]) {
    case 1:
    case 4:
        input[0] = 2;
        input[1] = 0;
        break;
    case 2:
    case 3:
        input[0] = 0;
        break;
    case 5:
        input[2] = 0;
        break;
    }
}

static int told(char *line)
{
    char table[16];
    int address, value;
    if (sscanf(line, "verdict %d", &value) == 1) {
        verdict = value;
        return puts("ok");
    }
    int puts_it = sscanf(line, "put %15s %d %d", table, &address, &value) == 3;
    int gets_it = sscanf(line, "get %15s %d", table, &address) == 2;
    if (!(puts_it || gets_it) || address < 0 || address >= SIZE)
        return puts("unknown");
    int bits = !strcmp(table, "coil") || !strcmp(table, "discrete");
    uint8_t *bit = (!strcmp(table, "coil") ? tables->tab_bits : tables->tab_input_bits) + address;
    uint16_t *word = (!strcmp(table, "holding") ? tables->tab_registers : tables->tab_input_registers) + address;
    if (gets_it)
        return printf("%d\n", bits ? *bit : *word);
    if (bits)
        *bit = value;
    else
        *word = value;
    return puts("ok");
}

int main(int count, char **words)
{
    if (count != 4)
        return 2;
    relay_box = !strcmp(words[3], "relay-box");
    tables = modbus_mapping_new(SIZE, SIZE, SIZE, SIZE);
    modbus_t *line = modbus_new_rtu(words[1], atoi(words[2]), 'E', 8, 1);
    if (!tables || !line || modbus_set_slave(line, 1) || modbus_connect(line)) {
        fprintf(stderr, "%s: %s\n", words[1], modbus_strerror(errno));
        return 1;
    }
    if (relay_box)
        memset(tables->tab_input_bits + 1, 1, 6);
    else {
        tables->tab_input_registers[5] = 0x0203;
        tables->tab_input_bits[7] = 1;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    setvbuf(stdin, NULL, _IONBF, 0);
    puts("ready");
    struct pollfd ends[2] = {{.fd = 0, .events = POLLIN}, {.fd = modbus_get_socket(line), .events = POLLIN}};
    for (;;) {
        uint8_t request[MODBUS_RTU_MAX_ADU_LENGTH];
        char text[128];
        poll(ends, 2, -1);
        if (ends[0].revents) {
            if (!fgets(text, sizeof text, stdin))
                return 0;
            told(text);
        }
        if (ends[1].revents) {
            int length = modbus_receive(line, request);
            if (length > 0) {
                modbus_reply(line, request, length, tables);
                obey();
            }
        }
    }
}
