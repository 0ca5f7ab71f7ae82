using System.Reflection;
using System.Reflection.Emit;

namespace Fovea.Tests.Architecture;

/// <summary>
/// One instruction of a compiled method: its place, its code and what it refers to (a member, a text, a number, the number of a variable,
/// the places it may branch to) or null.
/// </summary>
internal readonly record struct Instruction(int Place, OpCode Code, object? Operand)
{
    /// <summary>The method that is called or created, if it is one.</summary>
    public MethodBase? Called => Operand as MethodBase;

    /// <summary>The whole number that is put on the stack, if it is one.</summary>
    public int? Number => Code.Name switch
    {
        "ldc.i4.m1" => -1,
        { } name when name.StartsWith("ldc.i4.", StringComparison.Ordinal) && char.IsAsciiDigit(name[^1]) => name[^1] - '0',
        "ldc.i4.s" or "ldc.i4" => (int)Operand!,
        _ => null,
    };
}

/// <summary>Reads the instructions of compiled methods by reflection.</summary>
internal static class IlReader
{
    public const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<int, OpCode> Codes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => (int)(ushort)code.Value);

    /// <summary>The methods and constructors that a type declares itself, without those of the types nested in it.</summary>
    public static IEnumerable<MethodBase> Methods(Type type) =>
        type.GetMethods(Declared).Cast<MethodBase>().Concat(type.GetConstructors(Declared));

    /// <summary>The instructions of a method, in order; none where it has no body.</summary>
    public static IEnumerable<Instruction> Instructions(MethodBase method)
    {
        if (method.GetMethodBody()?.GetILAsByteArray() is not { } bytes) yield break;
        Type[] ofType = method.DeclaringType!.GetGenericArguments(), ofMethod = method is ConstructorInfo
            ? [] : method.GetGenericArguments();
        for (int at = 0; at < bytes.Length;)
        {
            int place = at;
            int value = bytes[at++];
            if (value == 0xFE) value = 0xFE00 | bytes[at++];
            OpCode code = Codes[value];
            object? operand = null;
            switch (code.OperandType)
            {
                case OperandType.InlineNone: break;
                case OperandType.ShortInlineI: operand = (int)(sbyte)bytes[at++]; break;
                case OperandType.ShortInlineBrTarget: operand = new[] { at + 1 + (sbyte)bytes[at++] }; break;
                case OperandType.InlineBrTarget:
                    operand = new[] { at + 4 + BitConverter.ToInt32(bytes, at) };
                    at += 4;
                    break;
                case OperandType.ShortInlineVar: operand = (int)bytes[at++]; break;
                case OperandType.InlineVar:
                    operand = (int)BitConverter.ToUInt16(bytes, at);
                    at += 2;
                    break;
                case OperandType.InlineI8 or OperandType.InlineR: at += 8; break;
                case OperandType.ShortInlineR: at += 4; break;
                case OperandType.InlineSwitch:
                    int count = BitConverter.ToInt32(bytes, at), from = at + 4, end = from + 4 * count;
                    operand = Enumerable.Range(0, count).Select(i => end + BitConverter.ToInt32(bytes, from + 4 * i)).ToArray();
                    at = end;
                    break;
                default:
                    int token = BitConverter.ToInt32(bytes, at);
                    at += 4;
                    operand = code.OperandType switch
                    {
                        OperandType.InlineI => token,
                        OperandType.InlineString => method.Module.ResolveString(token),
                        OperandType.InlineMethod or OperandType.InlineField or OperandType.InlineType or OperandType.InlineTok =>
                            method.Module.ResolveMember(token, ofType, ofMethod),
                        _ => null,
                    };
                    break;
            }
            yield return new Instruction(place, code, operand);
        }
    }
}
