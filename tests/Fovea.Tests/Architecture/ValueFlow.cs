using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Emit;

namespace Fovea.Tests.Architecture;

/// <summary>
/// What is known of a value on a method's stack: whether it comes from a marked call, which numbers it may be, and of which variable it is
/// the address.
/// </summary>
internal sealed record FlowValue(bool Marked, ImmutableHashSet<int> Numbers, int Variable = -1)
{
    public static readonly FlowValue Unknown = new(false, []);

    /// <summary>What holds of either.</summary>
    public FlowValue Or(FlowValue other) =>
        new(Marked || other.Marked, Numbers.Union(other.Numbers), Variable == other.Variable ? Variable : -1);
}

/// <summary>
/// Follows values through one compiled method, once from its first instruction to its last: a value is marked by a call that marks, a call
/// that is given a marked value gives one where it gives text (interpolated text included), and a call that cleans gives none. Loops are
/// followed once, fields and other methods not at all.
/// </summary>
/// <param name="marks">Whether what a method returns is marked.</param>
/// <param name="cleans">Whether what a method returns is not, whatever it was given.</param>
internal sealed class ValueFlow(Func<MethodBase, bool> marks, Func<MethodBase, bool> cleans)
{
    /// <summary>The calls of a method with what is known of their arguments (the object of an instance's method first).</summary>
    public IEnumerable<(MethodBase Called, FlowValue[] Arguments)> Calls(MethodBase method)
    {
        var stack = new List<FlowValue>();
        var variables = new Dictionary<int, FlowValue>();
        var arriving = new Dictionary<int, List<FlowValue>>();
        bool falls = true;
        foreach (Instruction instruction in IlReader.Instructions(method))
        {
            if (arriving.Remove(instruction.Place, out var other)) stack = falls ? Merge(stack, other) : other;
            else if (!falls) stack.Clear();
            OpCode code = instruction.Code;
            string name = code.Name!;
            if (instruction.Called is { } called && code.OperandType == OperandType.InlineMethod
                && !name.StartsWith("ld", StringComparison.Ordinal))
            {
                bool creates = code == OpCodes.Newobj;
                int given = called.GetParameters().Length + (called.IsStatic || creates ? 0 : 1);
                FlowValue[] arguments = Pop(given);
                yield return (called, arguments);
                bool marked = !cleans(called)
                    && (marks(called) || arguments.Any(argument => argument.Marked || IsMarked(argument.Variable)));
                // What fills a variable by its address, as interpolated text is filled.
                if (marked && arguments.Length > 0 && arguments[0].Variable >= 0)
                    variables[arguments[0].Variable] = FlowValue.Unknown with { Marked = true };
                if (creates || called is MethodInfo { ReturnType: var type } && type != typeof(void))
                    stack.Add(FlowValue.Unknown with { Marked = marked && (creates || CarriesText(((MethodInfo)called).ReturnType)) });
            }
            else if (name.StartsWith("stloc", StringComparison.Ordinal)) variables[Variable(instruction)] = Pop(1)[0];
            else if (name.StartsWith("ldloca", StringComparison.Ordinal))
                stack.Add(FlowValue.Unknown with { Variable = Variable(instruction) });
            else if (name.StartsWith("ldloc", StringComparison.Ordinal))
                stack.Add(variables.GetValueOrDefault(Variable(instruction), FlowValue.Unknown));
            else if (code == OpCodes.Dup) stack.Add(stack.Count > 0 ? stack[^1] : FlowValue.Unknown);
            else
            {
                FlowValue[] taken = Pop(Taken(code));
                bool marked = taken.Any(value => value.Marked);
                for (int i = 0; i < Given(code); i++)
                    stack.Add(new FlowValue(marked, instruction.Number is { } number ? [number] : []));
            }
            foreach (int place in instruction.Operand as int[] ?? [])
            {
                if (place > instruction.Place)
                    arriving[place] = arriving.TryGetValue(place, out var before) ? Merge(before, stack) : [.. stack];
            }
            falls = code.FlowControl is not (FlowControl.Branch or FlowControl.Return or FlowControl.Throw);
        }

        bool IsMarked(int variable) => variable >= 0 && variables.TryGetValue(variable, out var value) && value.Marked;

        FlowValue[] Pop(int count)
        {
            int here = Math.Min(count, stack.Count);
            FlowValue[] values = [.. Enumerable.Repeat(FlowValue.Unknown, count - here), .. stack[^here..]];
            stack.RemoveRange(stack.Count - here, here);
            return values;
        }
    }

    private static List<FlowValue> Merge(List<FlowValue> a, List<FlowValue> b) =>
        a.Count == b.Count ? [.. a.Zip(b, (x, y) => x.Or(y))] : a.Count > b.Count ? a : b;

    private static bool CarriesText(Type type) =>
        TypeUses.Parts(type)
            .Any(part => part == typeof(string) || part == typeof(System.Runtime.CompilerServices.DefaultInterpolatedStringHandler));

    private static int Variable(Instruction instruction) => instruction.Operand as int? ?? instruction.Code.Name![^1] - '0';

    /// <summary>Values that an instruction other than a call takes from the stack.</summary>
    internal static int Taken(OpCode code) => code.StackBehaviourPop switch
    {
        StackBehaviour.Pop0 => 0,
        StackBehaviour.Pop1 or StackBehaviour.Popi or StackBehaviour.Popref => 1,
        StackBehaviour.Varpop => code == OpCodes.Ret ? 1 : 0,
        StackBehaviour.Popi_popi_popi or StackBehaviour.Popref_popi_popi or StackBehaviour.Popref_popi_popi8 or StackBehaviour.Popref_popi_popr4
            or StackBehaviour.Popref_popi_popr8 or StackBehaviour.Popref_popi_popref or StackBehaviour.Popref_popi_pop1 => 3,
        _ => 2,
    };

    /// <summary>Values that it puts there.</summary>
    internal static int Given(OpCode code) => code.StackBehaviourPush is StackBehaviour.Push0 or StackBehaviour.Varpush ? 0 : 1;
}
