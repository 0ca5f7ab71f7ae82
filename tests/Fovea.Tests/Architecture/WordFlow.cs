using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;

namespace Fovea.Tests.Architecture;

/// <summary>
/// Follows words from where they are read to where they become part of a path, through all methods of a set of types together: arguments,
/// results, fields (those of a lambda's closure and of an iterator included), what a lambda is given by the method that calls it, arrays
/// and lists that are filled. A value is marked or not wherever it came from (no contexts), so it may find too much and not too little; a
/// delegate that is kept and called elsewhere is not followed.
/// </summary>
/// <param name="types">The types.</param>
/// <param name="marks">Whether what a method returns is such a word.</param>
/// <param name="cleans">Whether what a method returns is none, whatever it was given; its body is not looked into.</param>
internal sealed class WordFlow(IEnumerable<Type> types, Func<MethodBase, bool> marks, Func<MethodBase, bool> cleans)
{
    private const int LongestWay = 600;

    private readonly MethodBase[] _methods =
        [.. types.SelectMany(IlReader.Methods).Where(method => !cleans(method) && method.GetMethodBody() is not null)];

    private readonly Dictionary<MethodBase, Instruction[]> _bodies = [];
    private readonly HashSet<(Module, int)> _known = [];
    private readonly HashSet<Module> _modules = [];
    private readonly Dictionary<(Module, int, int), string> _facts = [];
    private readonly Dictionary<(Module, int), MethodBase[]> _overrides = [];

    /// <summary>The calls that are given a marked value and that a rule is about, with how the word came there.</summary>
    /// <param name="sinks">The calls.</param>
    public IReadOnlyList<string> Find(Func<MethodBase, bool> sinks)
    {
        foreach (MethodBase method in _methods)
        {
            _known.Add(Key(method));
            _modules.Add(method.Module);
            _bodies[method] = [.. IlReader.Instructions(method)];
        }
        var found = new SortedSet<string>(StringComparer.Ordinal);
        for (int before = -1; before != _facts.Count;)
        {
            before = _facts.Count;
            found.Clear();
            foreach (MethodBase method in _methods) new Walk(this, method, sinks, found).Run();
        }
        return [.. found];
    }

    private static (Module, int) Key(MemberInfo member) => (member.Module, member.MetadataToken);

    private static string Name(MethodBase method) => $"{method.DeclaringType!.FullName}.{method.Name}";

    private static bool CarriesText(Type type) =>
        TypeUses.Parts(type).Any(part => part == typeof(string) || part == typeof(DefaultInterpolatedStringHandler)
            || part == typeof(System.Text.StringBuilder));

    private static Type ResultOf(MethodBase method) => method is MethodInfo info ? info.ReturnType : method.DeclaringType!;

    private bool Marks(MethodBase method) => marks(method);

    private bool Cleans(MethodBase method) => cleans(method);

    /// <summary>A fact about a member: -1 for a field or a result, else the number of a parameter.</summary>
    private string? Fact(MemberInfo member, int place = -1) =>
        _facts.GetValueOrDefault((member.Module, member.MetadataToken, place));

    private void Note(MemberInfo member, int place, string how) =>
        _facts.TryAdd((member.Module, member.MetadataToken, place), how.Length > LongestWay ? how[..LongestWay] + " …" : how);

    /// <summary>The methods with a body that a call may run: itself, or those that override or implement it.</summary>
    private MethodBase[] Targets(MethodBase called)
    {
        if (_known.Contains(Key(called)) && called is not { IsVirtual: true }) return [called];
        if (called is not MethodInfo { IsVirtual: true } || called.DeclaringType is not { } owner) return [];
        if (_overrides.TryGetValue(Key(called), out MethodBase[]? all)) return all;
        Type open = owner.IsGenericType ? owner.GetGenericTypeDefinition() : owner;
        int given = called.GetParameters().Length;
        // An interface of the runtime has implementations everywhere; what they are given says nothing.
        return _overrides[Key(called)] = !_modules.Contains(owner.Module) ? [] : [.. _methods.Where(method =>
            method.IsVirtual && method.GetParameters().Length == given
            && (method.Name == called.Name || method.Name.EndsWith("." + called.Name, StringComparison.Ordinal))
            && (method.DeclaringType == open || IsKind(method.DeclaringType!, open)))];
    }

    private static bool IsKind(Type type, Type of) => type.IsAssignableTo(of)
        || type.GetInterfaces().Any(one => one.IsGenericType && one.GetGenericTypeDefinition() == of);

    /// <summary>
    /// A value on the stack: how the word in it came there, or null; the variable or the field that it was read from or is the address of;
    /// the method that it is a delegate of.
    /// </summary>
    private readonly record struct Value(string? How = null, int? Variable = null, FieldInfo? Field = null, MethodBase? Function = null)
    {
        public Value Or(Value other) =>
            new(How ?? other.How, Variable == other.Variable ? Variable : null, Field ?? other.Field, Function ?? other.Function);
    }

    /// <summary>One method, once from its first instruction to its last.</summary>
    private sealed class Walk(WordFlow flow, MethodBase method, Func<MethodBase, bool> sinks, ISet<string> found)
    {
        private readonly List<Value> _stack = [];
        private readonly Dictionary<int, Value> _variables = [];
        private readonly Dictionary<int, List<Value>> _arriving = [];

        public void Run()
        {
            bool falls = true;
            foreach (Instruction instruction in flow._bodies[method])
            {
                if (_arriving.Remove(instruction.Place, out List<Value>? other)) Replace(falls ? Merge(_stack, other) : other);
                else if (!falls) _stack.Clear();
                Step(instruction);
                foreach (int place in instruction.Operand as int[] ?? [])
                {
                    if (place > instruction.Place)
                        _arriving[place] = _arriving.TryGetValue(place, out List<Value>? before) ? Merge(before, _stack) : [.. _stack];
                }
                falls = instruction.Code.FlowControl is not (FlowControl.Branch or FlowControl.Return or FlowControl.Throw);
            }
        }

        private void Step(Instruction instruction)
        {
            OpCode code = instruction.Code;
            string name = code.Name!;
            if (instruction.Operand is MethodBase function && name is "ldftn" or "ldvirtftn")
            {
                if (name == "ldvirtftn") Pop(1);
                _stack.Add(new Value(Function: (MethodBase)instruction.Operand!));
            }
            else if (instruction.Called is { } called && code.OperandType == OperandType.InlineMethod && name != "ldtoken")
                Call(called, code);
            else if (instruction.Operand is FieldInfo field && name != "ldtoken") OfField(field, name);
            else if (name.StartsWith("ldarg", StringComparison.Ordinal))
                _stack.Add(new Value(flow.Fact(method, instruction.Operand as int? ?? name[^1] - '0')));
            else if (name.StartsWith("stloc", StringComparison.Ordinal)) Fill(Local(instruction), Pop(1)[0]);
            else if (name.StartsWith("ldloca", StringComparison.Ordinal)) _stack.Add(new Value(null, Local(instruction)));
            else if (name.StartsWith("ldloc", StringComparison.Ordinal))
                _stack.Add(_variables.GetValueOrDefault(Local(instruction)) with { Variable = Local(instruction) });
            else if (code == OpCodes.Dup) _stack.Add(_stack.Count > 0 ? _stack[^1] : default);
            else if (code == OpCodes.Ret)
            {
                if (method is MethodInfo { ReturnType: var type } && type != typeof(void) && Pop(1)[0].How is { } how)
                    flow.Note(method, -1, how);
            }
            else
            {
                Value[] taken = Pop(ValueFlow.Taken(code));
                string? how = taken.Select(value => value.How).FirstOrDefault(one => one is not null);
                if (how is not null && name.StartsWith("stelem", StringComparison.Ordinal) && _stack.Count > 0)
                    _stack[^1] = _stack[^1] with { How = how }; // an array that is filled lies below, for the next item
                if (how is not null && (name.StartsWith("stind", StringComparison.Ordinal) || code == OpCodes.Stobj)) Keep(taken[0], how);
                for (int i = 0; i < ValueFlow.Given(code); i++) _stack.Add(new Value(how));
            }
        }

        private void OfField(FieldInfo field, string name)
        {
            bool own = flow._modules.Contains(field.Module);
            if (name is "stfld" or "stsfld")
            {
                Value[] taken = Pop(name == "stfld" ? 2 : 1);
                if (taken[^1].How is { } stored && own) flow.Note(field, -1, stored);
                return;
            }
            Value of = name.StartsWith("lds", StringComparison.Ordinal) ? default : Pop(1)[0];
            _stack.Add(new Value(
                flow.Fact(field) ?? of.How ?? Of(of.Variable), name.EndsWith('a') ? of.Variable : null, own ? field : null));
        }

        private void Call(MethodBase called, OpCode code)
        {
            bool creates = code == OpCodes.Newobj;
            ParameterInfo[] parameters = called.GetParameters();
            int first = called.IsStatic || creates ? 0 : 1;
            Value[] arguments = Pop(parameters.Length + first);
            Type result = ResultOf(called);
            MethodBase[] functions = [.. arguments.Select(argument => argument.Function).OfType<MethodBase>()];
            if (creates && typeof(Delegate).IsAssignableFrom(called.DeclaringType))
            {
                _stack.Add(new Value(Function: functions.FirstOrDefault()));
                return;
            }
            string? given = arguments.Select(argument => argument.How ?? Of(argument.Variable)).FirstOrDefault(how => how is not null);
            if (given is not null && sinks(called))
            {
                found.Add($"{Name(method)} makes a path of a word of the settings ({given})");
                given = null; // said once
                arguments = [.. arguments.Select(_ => default(Value))];
            }
            string? how = null;
            if (flow.Marks(called)) how = $"{Name(called)} in {Name(method)}";
            else if (!flow.Cleans(called))
            {
                MethodBase[] targets = flow.Targets(called);
                foreach (MethodBase target in targets)
                {
                    // The object of an instance's method is no word: its fields are.
                    for (int i = first; i < arguments.Length; i++)
                    {
                        if (arguments[i].How is { } passed)
                            flow.Note(target, target.IsStatic ? i - first : i - first + 1, $"{passed}, given by {Name(method)}");
                    }
                    how ??= flow.Fact(target);
                }
                foreach (MethodBase function in given is null ? [] : functions)
                    GiveAll(function, given!);
                string? said = functions.Select(function => flow.Fact(function)).FirstOrDefault(one => one is not null);
                bool says = functions.Any(function => CarriesText(ResultOf(function)));
                if (targets.Length == 0 && !IsOwn(called) && CarriesText(result)) how ??= said ?? (says ? null : given);
                if (creates && IsOwn(called)) how = Current(called.DeclaringType!);
                // What fills its object: a list that is added to, text that is appended.
                if (!IsOwn(called) && given is not null && first == 1 && !parameters.All(parameter => parameter.ParameterType.IsByRef))
                    Keep(arguments[0], given);
            }
            if (creates || result != typeof(void))
                _stack.Add(new Value(how, result.IsByRef && arguments.Length > 0 ? arguments[0].Variable : null));
        }

        private void GiveAll(MethodBase function, string how)
        {
            ParameterInfo[] parameters = function.GetParameters();
            for (int i = 0; i < parameters.Length; i++)
            {
                if (CarriesText(parameters[i].ParameterType)) flow.Note(function, function.IsStatic ? i : i + 1, how);
            }
        }

        /// <summary>What an iterator gives is kept in a field of the object that the compiler makes for it.</summary>
        private string? Current(Type type) => type.GetField("<>2__current", IlReader.Declared) is { } current
            ? flow.Fact(current) : null;

        /// <summary>What the compiler makes for collection expressions is the runtime's, wherever it stands.</summary>
        private bool IsOwn(MethodBase called) => flow._modules.Contains(called.Module)
            && called.DeclaringType?.Name.StartsWith("<PrivateImplementationDetails>", StringComparison.Ordinal) != true;

        private void Keep(Value place, string how)
        {
            if (place.Variable is { } variable) Fill(variable, _variables.GetValueOrDefault(variable) with { How = how });
            if (place.Field is { } field) flow.Note(field, -1, how);
        }

        private void Fill(int variable, Value value) => _variables[variable] = value;

        private string? Of(int? variable) => variable is { } one ? _variables.GetValueOrDefault(one).How : null;

        private Value[] Pop(int count)
        {
            int here = Math.Min(count, _stack.Count);
            Value[] values = [.. Enumerable.Repeat(default(Value), count - here), .. _stack[^here..]];
            _stack.RemoveRange(_stack.Count - here, here);
            return values;
        }

        private void Replace(List<Value> stack)
        {
            Value[] all = [.. stack];
            _stack.Clear();
            _stack.AddRange(all);
        }

        private static List<Value> Merge(List<Value> a, List<Value> b) =>
            a.Count == b.Count ? [.. a.Zip(b, (x, y) => x.Or(y))] : a.Count > b.Count ? [.. a] : [.. b];

        private static int Local(Instruction instruction) => instruction.Operand as int? ?? instruction.Code.Name![^1] - '0';
    }
}
