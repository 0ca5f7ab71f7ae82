using System.Text;

namespace Fovea.Models.Onnx;

/// <summary>
/// Reads in which modules a node stands. PyTorch's newer exporter notes the modules' paths and classes. The older one writes paths into the
/// node's name, <c>/layer1/layer1.0/relu_1/Relu</c>: a part that begins with the one before it and a dot is in that one, and <c>_1</c> after
/// the innermost module's name is its second call; of the modules around it no call is told. Files of other tools say nothing of modules.
/// </summary>
internal sealed class OnnxScopes
{
    private const string ScopesKey = "pkg.torch.onnx.name_scopes";
    private const string ClassesKey = "pkg.torch.onnx.class_hierarchy";
    /// <summary>Modules in modules: more are no network's.</summary>
    private const int Deepest = 64;

    private readonly bool _namesAreScopes;
    private readonly HashSet<string> _prefixes = new(StringComparer.Ordinal);

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
    public IReadOnlyList<string> PathsOf(OnnxNode node) => [.. Of(node).Modules.Select(module => module.Path)];

    /// <summary>Where a node stands.</summary>
    public OnnxPlace Of(OnnxNode node) =>
        node.Notes.TryGetValue(ScopesKey, out string? scopes) ? Noted(node, scopes) : Named(node);

    private static OnnxPlace Noted(OnnxNode node, string scopes)
    {
        List<string> paths = Texts(scopes), classes = node.Notes.TryGetValue(ClassesKey, out string? text) ? Texts(text) : [];
        if (classes.Count != paths.Count) classes = [.. paths.Select(_ => "")];
        List<OnnxModule> modules = [];
        // The last one is PyTorch's step, not a module.
        for (int i = 0; i < Math.Min(paths.Count - 1, Deepest); i++)
        {
            if (paths[i].Length > 0 && modules.All(module => module.Path != paths[i]))
                modules.Add(new OnnxModule(paths[i], classes[i], null));
        }
        return paths is [.., var step] && paths.Count <= Deepest ? new OnnxPlace(modules, classes[^1], step) : OnnxPlace.Unknown;
    }

    private OnnxPlace Named(OnnxNode node)
    {
        if (!_namesAreScopes || !node.Name.StartsWith('/')) return OnnxPlace.Unknown;
        List<OnnxModule> modules = [];
        string[] parts = node.Name[1..].Split('/');
        string path = "", before = "", prefix = "";
        if (parts.Length > Deepest) return OnnxPlace.Unknown;
        for (int i = 0; i < parts.Length - 1; i++)
        {
            (string module, int call) = Call(prefix, parts[i]);
            prefix = $"{prefix}/{parts[i]}";
            path = before.Length > 0 && module.StartsWith(before + ".", StringComparison.Ordinal) ? path + module[before.Length..]
                : path.Length == 0 ? module : $"{path}.{module}";
            before = module;
            modules.Add(new OnnxModule(path, "", i == parts.Length - 2 || call > 0 ? call : null));
        }
        return new OnnxPlace(modules, node.Operator, node.Name);
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
