using System.Text;
using Fovea.Models.Import;

namespace Fovea.Models.Onnx;

/// <summary>
/// Reads in which modules a node stands. PyTorch's newer exporter notes the modules' paths; calls of a module are told apart by order. The
/// older one writes them into the node's name, <c>/layer1/layer1.0/relu_1/Relu</c>: a part that begins with the one before it and a dot is
/// in that one, and <c>_1</c> after a module's name is its second call. Files of other tools say nothing of modules.
/// </summary>
internal sealed class OnnxScopes
{
    private const string ScopesKey = "pkg.torch.onnx.name_scopes";
    private const string ClassesKey = "pkg.torch.onnx.class_hierarchy";
    private readonly bool _namesAreScopes;
    private readonly HashSet<string> _prefixes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _calls = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _done = new(StringComparer.Ordinal);
    private List<ModuleCall> _open = [];
    private OnnxNode? _last;

    public OnnxScopes(OnnxModel model)
    {
        _namesAreScopes = model.Producer == "pytorch";
        if (!_namesAreScopes || model.Graph is null) return;
        foreach (OnnxNode node in model.Graph.Nodes)
        {
            if (!node.Name.StartsWith('/')) continue;
            for (int i = node.Name.IndexOf('/', 1); i > 0; i = node.Name.IndexOf('/', i + 1)) _prefixes.Add(node.Name[..i]);
        }
    }

    /// <summary>The modules' paths from the outermost to the innermost, the network itself apart.</summary>
    public IReadOnlyList<string> PathsOf(OnnxNode node) => node.Notes.TryGetValue(ScopesKey, out string? scopes)
        ? Noted(scopes) : [.. Named(node.Name).Select(call => call.Path)];

    /// <summary>The modules with the number of the call. To be asked of the nodes that are run, in their order.</summary>
    public IReadOnlyList<ModuleCall> Next(OnnxNode node)
    {
        if (!node.Notes.TryGetValue(ScopesKey, out string? scopes)) return Named(node.Name);
        if (ReferenceEquals(node, _last)) return [.. _open];
        _last = node;
        IReadOnlyList<string> paths = Noted(scopes);
        int same = 0;
        while (same < paths.Count && same < _open.Count && _open[same].Path == paths[same]) same++;
        // PyTorch's own modules calculate each operator once: the second is another call of the module.
        (string done, string step) = Done(node, scopes);
        if (same == paths.Count && same == _open.Count && same > 0 && _done.TryGetValue(done, out string? other) && other != step) same--;
        if (same < paths.Count || same < _open.Count) _done.Clear();
        if (done.Length > 0) _done[done] = step;
        _open = [.. _open.Take(same)];
        foreach (string path in paths.Skip(same))
        {
            int call = _calls.GetValueOrDefault(path);
            _calls[path] = call + 1;
            _open.Add(new ModuleCall(path, call));
        }
        return [.. _open];
    }

    /// <summary>
    /// PyTorch's operator that a node of one of its own modules is made of, and the step, which may be several nodes; "" for others.
    /// </summary>
    private static (string Operator, string Step) Done(OnnxNode node, string scopes)
    {
        if (!node.Notes.TryGetValue(ClassesKey, out string? text)) return ("", "");
        List<string> classes = Texts(text);
        bool own = classes.Count > 1 && classes[^2].StartsWith("torch.nn.modules.", StringComparison.Ordinal)
            && !classes[^2].EndsWith(".MultiheadAttention", StringComparison.Ordinal);
        return own ? (classes[^1], Texts(scopes) is [.., var step] ? step : "") : ("", "");
    }

    private static IReadOnlyList<string> Noted(string scopes)
    {
        List<string> paths = Texts(scopes);
        // The last one is PyTorch's step, not a module.
        return paths.Count < 2 ? [] : [.. paths.Take(paths.Count - 1).Where(path => path.Length > 0).Distinct()];
    }

    private List<ModuleCall> Named(string name)
    {
        List<ModuleCall> calls = [];
        if (!_namesAreScopes || !name.StartsWith('/')) return calls;
        string[] parts = name[1..].Split('/');
        string path = "", before = "", prefix = "";
        foreach (string part in parts[..^1])
        {
            (string module, int call) = Call(prefix, part);
            prefix = $"{prefix}/{part}";
            path = before.Length > 0 && module.StartsWith(before + ".", StringComparison.Ordinal) ? path + module[before.Length..]
                : path.Length == 0 ? module : $"{path}.{module}";
            before = module;
            calls.Add(new ModuleCall(path, call));
        }
        return calls;
    }

    /// <summary>A part of a name as a module and the number of its call: <c>relu_1</c> beside <c>relu</c> is its second.</summary>
    private (string Module, int Call) Call(string prefix, string part)
    {
        int line = part.LastIndexOf('_');
        if (line <= 0 || !int.TryParse(part.AsSpan(line + 1), System.Globalization.NumberStyles.None, null, out int call) || call < 1
            || part[line + 1] == '0') return (part, 0);
        string module = part[..line];
        return _prefixes.Contains($"{prefix}/{module}") && (call == 1 || _prefixes.Contains($"{prefix}/{module}_{call - 1}"))
            ? (module, call) : (part, 0);
    }

    /// <summary>The texts of a list as Python writes it down: <c>['', 'layer1', "a'b"]</c>.</summary>
    private static List<string> Texts(string list)
    {
        List<string> texts = [];
        for (int i = 0; i < list.Length; i++)
        {
            if (list[i] is not ('\'' or '"')) continue;
            char quote = list[i];
            var text = new StringBuilder();
            for (i++; i < list.Length && list[i] != quote; i++)
            {
                if (list[i] == '\\' && i + 1 < list.Length) i++;
                text.Append(list[i]);
            }
            texts.Add(text.ToString());
        }
        return texts;
    }
}
