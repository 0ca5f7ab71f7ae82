namespace Fovea.Checkpoints.PyTorch;

/// <summary>
/// Names of the opcodes that are refused, for the message; the allowed ones are the cases of <see cref="PickleMachine"/>.
/// </summary>
internal static class PickleOpcodes
{
    private static readonly Dictionary<byte, string> Refused = new()
    {
        [(byte)'2'] = "DUP",
        [(byte)'I'] = "INT",
        [(byte)'L'] = "LONG",
        [(byte)'F'] = "FLOAT",
        [(byte)'S'] = "STRING",
        [(byte)'V'] = "UNICODE",
        [(byte)'P'] = "PERSID",
        [(byte)'i'] = "INST",
        [(byte)'o'] = "OBJ",
        [(byte)'d'] = "DICT",
        [(byte)'l'] = "LIST",
        [(byte)'g'] = "GET",
        [(byte)'p'] = "PUT",
        [0x82] = "EXT1",
        [0x83] = "EXT2",
        [0x84] = "EXT4",
        [0x8B] = "LONG4",
        [0x8F] = "EMPTY_SET",
        [0x90] = "ADDITEMS",
        [0x91] = "FROZENSET",
        [0x92] = "NEWOBJ_EX",
        [0x96] = "BYTEARRAY8",
        [0x97] = "NEXT_BUFFER",
        [0x98] = "READONLY_BUFFER",
    };

    public static string Name(byte opcode) =>
        Refused.TryGetValue(opcode, out string? name) ? $"{name} (0x{opcode:X2})" : $"0x{opcode:X2}, which no pickle has";
}
