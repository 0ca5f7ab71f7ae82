using System.Buffers.Binary;
using System.Text;

namespace Fovea.Checkpoints.PyTorch;

/// <summary>
/// Reads a pickle as data. A pickle is a program for a stack machine that can call any Python function; this machine knows only the
/// instructions that describe tensors and the containers round them, and calls nothing: any other instruction or name ends the reading
/// with its name. Memory stays proportional to the pickle's length, whatever it says.
/// </summary>
internal sealed class PickleMachine
{
    private readonly byte[] _code;
    private readonly int _start;
    private readonly string _path;
    private readonly List<object> _stack = [];
    private readonly Stack<int> _marks = [];
    private readonly Dictionary<uint, object> _memo = [];
    private int _next;
    private int _opcodeAt;
    private readonly string _end;
    private string? _several;
    private readonly Dictionary<string, PickleStorage> _roots = new(StringComparer.Ordinal);
    private long _copied;

    private PickleMachine(byte[] code, int start, string path, string end) =>
        (_code, _start, _next, _path, _end) = (code, start, start, path, end);

    /// <summary>The storages that the pickle names, by their keys.</summary>
    public IReadOnlyDictionary<string, PickleStorage> Storages => _roots;

    /// <summary>What its storages contradict each other in; null where they do not.</summary>
    public string? Contradiction => _several;

    /// <summary>Where the pickle ended: the place after its last instruction.</summary>
    public int End => _next;

    /// <summary>
    /// The object the pickle describes: strings, numbers, tuples (<c>object[]</c>), lists, dictionaries, tensors' descriptions.
    /// </summary>
    /// <exception cref="FoveaException">The pickle is damaged or asks for something that is not on the list.</exception>
    public static object Read(byte[] code, string path) => Read(code, 0, path, "it ends too early", out _);

    /// <summary>The same of a pickle that others follow.</summary>
    /// <param name="code">What holds it.</param>
    /// <param name="start">Its first instruction.</param>
    /// <param name="path">For messages.</param>
    /// <param name="end">What is wrong where <paramref name="code"/> ends before it does.</param>
    /// <param name="machine">Where it ended, and what it named.</param>
    /// <exception cref="FoveaException">The pickle is damaged or asks for something that is not on the list.</exception>
    public static object Read(byte[] code, int start, string path, string end, out PickleMachine machine)
    {
        machine = new PickleMachine(code, start, path, end);
        return machine.Run();
    }

    private object Run()
    {
        while (true)
        {
            _opcodeAt = _next;
            byte opcode = Byte();
            switch ((char)opcode)
            {
                case '\x80': Protocol(); break;
                case '\x95': Take(8); break; // FRAME: a hint for readers of streams
                case '.': return Pop();
                case '(': _marks.Push(_stack.Count); break;
                case '0': Pop(); break;
                case '1': PopToMark(); break;

                case 'N': Push(PickleNone.Value); break;
                case '\x88': Push(true); break;
                case '\x89': Push(false); break;
                case 'J': Push((long)BinaryPrimitives.ReadInt32LittleEndian(Take(4))); break;
                case 'K': Push((long)Byte()); break;
                case 'M': Push((long)BinaryPrimitives.ReadUInt16LittleEndian(Take(2))); break;
                case '\x8A': Push(LongInteger()); break;
                case 'G': Push(BinaryPrimitives.ReadDoubleBigEndian(Take(8))); break;
                case 'X': Push(Text(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)))); break;
                case '\x8C': Push(Text(Byte())); break;
                case '\x8D': Push(Text(BinaryPrimitives.ReadUInt64LittleEndian(Take(8)))); break;
                case 'U': Push(Latin1(Byte())); break;
                case 'T': Push(Latin1(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)))); break;
                case 'C': Bytes(Byte()); break;
                case 'B': Bytes(BinaryPrimitives.ReadUInt32LittleEndian(Take(4))); break;
                case '\x8E': Bytes(BinaryPrimitives.ReadUInt64LittleEndian(Take(8))); break;

                case ')': Push(Array.Empty<object>()); break;
                case '\x85': Push(PopMany(1)); break;
                case '\x86': Push(PopMany(2)); break;
                case '\x87': Push(PopMany(3)); break;
                case 't': Push(PopToMark()); break;
                case ']': Push(new List<object>()); break;
                case 'a': { object item = Pop(); Peek<List<object>>("list").Add(item); break; }
                case 'e': { object[] items = PopToMark(); Peek<List<object>>("list").AddRange(items); break; }
                case '}': Push(NewDictionary()); break;
                case 's': { object[] pair = PopMany(2); SetItems(Peek<OrderedDictionary<object, object>>("dictionary"), pair); break; }
                case 'u': { object[] pairs = PopToMark(); SetItems(Peek<OrderedDictionary<object, object>>("dictionary"), pairs); break; }

                case 'q': _memo[Byte()] = Peek<object>("object"); break;
                case 'r': _memo[BinaryPrimitives.ReadUInt32LittleEndian(Take(4))] = Peek<object>("object"); break;
                case '\x94': _memo[(uint)_memo.Count] = Peek<object>("object"); break;
                case 'h': Push(Recall(Byte())); break;
                case 'j': Push(Recall(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)))); break;

                case 'c': { string module = Line(); Push(Global(module, Line())); break; }
                case '\x93':
                    {
                        object[] names = PopMany(2); Push(
                    Global(As<string>(names[0], "module"), As<string>(names[1], "name"))); break;
                    }
                case 'R':
                    {
                        object[] call = PopMany(2); Push(
                    Build(As<PickleGlobal>(call[0], "callable"), As<object[]>(call[1], "arguments"))); break;
                    }
                case '\x81':
                    {
                        object[] made = PopMany(2);
                        Push(NewObject(As<PickleGlobal>(made[0], "class"), As<object[]>(made[1], "arguments"))); break;
                    }
                case 'b': SetState(Pop()); break;
                case 'Q': Push(Storage(As<object[]>(Pop(), "storage"))); break;

                default:
                    throw Refuse($"uses the pickle instruction {PickleOpcodes.Name(opcode)}");
            }
        }
    }

    private PickleGlobal Global(string module, string name) =>
        PickleGlobals.Find(module, name) ?? throw Refuse($"names the Python object {module}.{name}");

    /// <summary>What Python would get by calling <paramref name="callable"/>, for the few that only describe data.</summary>
    private object Build(PickleGlobal callable, object[] arguments)
    {
        switch (callable.Kind)
        {
            case PickleGlobalKind.OrderedDict:
                OrderedDictionary<object, object> dictionary = NewDictionary();
                if (arguments.Length > 0) SetItems(dictionary, Flatten(As<List<object>>(arguments[0], "list of pairs")));
                return dictionary;
            case PickleGlobalKind.Parameter:
                return NewObject(callable, arguments);
            case PickleGlobalKind.RebuildTensor when arguments.Length >= 4:
                return Tensor(arguments, null);
            case PickleGlobalKind.RebuildTensorWithType when arguments.Length >= 7:
                return Tensor(arguments, As<PickleGlobal>(arguments[6], "type").Type ?? throw Damaged("a tensor's type is not a type"));
            case PickleGlobalKind.RebuildParameter when arguments.Length >= 1:
                return TensorIn(arguments[0]) ?? throw Damaged("a parameter is made of something other than a tensor");
            case PickleGlobalKind.Size when arguments.Length == 1:
                return As<object[]>(arguments[0], "sizes");
            case PickleGlobalKind.Device or PickleGlobalKind.Encode:
                return PickleOpaque.Value;
            default:
                throw Damaged($"{callable.Name} is called with {arguments.Length} arguments");
        }
    }

    /// <summary>What the first versions of PyTorch kept of parameters and tensors: an empty object, filled by BUILD.</summary>
    private PickleHolder NewObject(PickleGlobal type, object[] arguments) =>
        type.Kind == PickleGlobalKind.Parameter ? new PickleHolder { Tensor = arguments.Length > 0 ? TensorIn(arguments[0]) : null }
        : type.Kind == PickleGlobalKind.TensorClass && arguments.Length == 0 ? new PickleHolder()
        : throw Refuse($"makes an object of {type.Name} (pickle instruction NEWOBJ)");

    private static PickleTensor? TensorIn(object value) => value as PickleTensor ?? (value as PickleHolder)?.Tensor;

    private PickleTensor Tensor(object[] arguments, ElementType? type)
    {
        var storage = As<PickleStorage>(arguments[0], "storage");
        type ??= storage.Type ?? throw Damaged("a tensor without a type lies over a storage without a type");
        long offset = As<long>(arguments[1], "offset");
        if (storage.Start != 0)
        {
            // A view counts in its own elements, and its tensors count from the view's start.
            if (type != storage.Type) throw Damaged("a tensor lies over a view of another type");
            if (offset < 0 || offset > storage.Length) throw Damaged("a tensor lies outside of its view");
            offset += storage.Start;
        }
        return new PickleTensor(storage, type.Value, offset, As<object[]>(arguments[2], "sizes"), As<object[]>(arguments[3], "strides"));
    }

    private PickleStorage Storage(object[] id)
    {
        if (id.Length is not (5 or 6) || id[0] is not "storage") throw Damaged("something other than a storage is kept outside the pickle");
        var type = As<PickleGlobal>(id[1], "storage type");
        if (type.Kind != PickleGlobalKind.Storage) throw Damaged($"{type.Name} is not a storage");
        long count = As<long>(id[4], "number of elements");
        var root = new PickleStorage(As<string>(id[2], "key"), type.Type, count, 0, count);
        if (!_roots.TryAdd(root.Key, root) && _roots[root.Key] != root)
            _several ??= $"storage {root.Key} has two types or lengths";
        // Before PyTorch 0.4 a storage could be a part of another one.
        if (id.Length == 5 || id[5] is PickleNone) return root;
        object[] view = As<object[]>(id[5], "view of a storage");
        if (view is not [string, long start, long length] || start < 0 || length < 0 || start > count || length > count - start)
            throw Damaged($"a view of storage {root.Key} lies outside of it");
        return root with { Start = start, Length = length };
    }

    /// <summary>
    /// Attributes: PyTorch gives a state dict the attribute <c>_metadata</c> (versions of modules), which nothing here needs.
    /// </summary>
    private void SetState(object state)
    {
        if (Peek<object>("object") is PickleHolder holder)
        {
            // A tensor's own (storage, offset, sizes, strides), or a variable's (tensor, gradient, hooks, flags); a parameter that has its
            // tensor gets flags, which nothing here needs.
            if (state is object[] { Length: >= 4 } parts) holder.Tensor ??= parts[0] is PickleStorage ? Tensor(parts, null)
                : TensorIn(parts[0]);
            return;
        }
        if (Peek<object>("object") is not OrderedDictionary<object, object> || state is not OrderedDictionary<object, object>)
            throw Refuse("sets attributes of something other than a dictionary (pickle instruction BUILD)");
    }

    private object[] Flatten(List<object> pairs)
    {
        // The one instruction that copies more than it is long: held to the pickle's length in all.
        _copied += pairs.Count;
        if (_copied > _code.Length - _start) throw Damaged("it copies more than it holds");
        return [.. pairs.SelectMany(pair => pair switch
        {
            object[] { Length: 2 } tuple => tuple,
            List<object> { Count: 2 } list => [list[0], list[1]],
            _ => throw Damaged("a dictionary is made from something other than pairs"),
        })];
    }

    private void SetItems(OrderedDictionary<object, object> dictionary, object[] pairs)
    {
        if (pairs.Length % 2 != 0) throw Damaged("a key without a value");
        for (int i = 0; i < pairs.Length; i += 2)
        {
            if (pairs[i] is not (string or long or double or bool or object[] or PickleNone))
                throw Damaged("a dictionary's key is not a string, a number or a tuple");
            dictionary[pairs[i]] = pairs[i + 1];
        }
    }

    private static OrderedDictionary<object, object> NewDictionary() => new(PickleKeyComparer.Instance);

    private void Protocol()
    {
        if (Byte() is var version and (< 2 or > 5)) throw Damaged($"pickle protocol {version} is not read");
    }

    private object LongInteger()
    {
        ReadOnlySpan<byte> digits = Take(Byte());
        if (digits.Length > 8) return PickleOpaque.Value;
        long value = 0;
        for (int i = 0; i < digits.Length; i++) value |= (long)digits[i] << (8 * i);
        int unused = 64 - 8 * digits.Length;
        return digits.Length == 0 ? 0L : value << unused >> unused;
    }

    private string Text(ulong length)
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(Take(length));
        }
        catch (DecoderFallbackException)
        {
            throw Damaged("a string is not UTF-8");
        }
    }

    private string Latin1(ulong length) => Encoding.Latin1.GetString(Take(length));

    private void Bytes(ulong length)
    {
        Take(length);
        Push(PickleOpaque.Value);
    }

    private string Line()
    {
        int length = _code.AsSpan(_next).IndexOf((byte)'\n');
        if (length < 0) throw Damaged("it ends inside a name");
        string line = Latin1((ulong)length);
        _next++;
        return line;
    }

    private byte Byte() => Take(1)[0];

    private ReadOnlySpan<byte> Take(ulong length)
    {
        if (length > (ulong)(_code.Length - _next)) throw Damaged(_end);
        _next += (int)length;
        return _code.AsSpan(_next - (int)length, (int)length);
    }

    private void Push(object value) => _stack.Add(value);

    private object Pop() => PopMany(1)[0];

    private object[] PopMany(int count)
    {
        int floor = _marks.Count > 0 ? _marks.Peek() : 0;
        if (_stack.Count - count < floor) throw Damaged("its stack is empty");
        object[] values = [.. _stack[^count..]];
        _stack.RemoveRange(_stack.Count - count, count);
        return values;
    }

    private object[] PopToMark()
    {
        if (_marks.Count == 0) throw Damaged("a mark is missing");
        object[] values = PopMany(_stack.Count - _marks.Peek());
        _marks.Pop();
        return values;
    }

    private T Peek<T>(string what) =>
        _stack.Count > (_marks.Count > 0 ? _marks.Peek() : 0) ? As<T>(_stack[^1], what) : throw Damaged("its stack is empty");

    private object Recall(uint index) =>
        _memo.TryGetValue(index, out object? value) ? value : throw Damaged($"memo {index} was never stored");

    private T As<T>(object value, string what) => value is T typed ? typed : throw Damaged($"{what} is {value.GetType().Name}");

    private FoveaException Refuse(string why) => FoveaException.BadData(
        $"{_path} {why} (byte {_opcodeAt - _start} of its pickle), which plain weights do not need. Reading stopped there and nothing was "
            + $"executed. " +
        "If you trust the file, load it in PyTorch and save the weights alone under a new name: "
            + "torch.save(model.state_dict(), \"weights.pth\").");

    private FoveaException Damaged(string why) =>
        FoveaException.BadData($"{_path} has a damaged pickle: {why} (byte {_opcodeAt - _start}). Fetch or export it again.");
}
