using System.Text.RegularExpressions;
using Fovea.Models.Import;

namespace Fovea.Models.Pt2;

/// <summary>
/// Reads in which modules a step stands. The file joins <c>key,path,type</c> by <c>;</c> and escapes nothing, so a name with a comma or a
/// semicolon is told by the list of modules that the file has too; a second call's key ends with <c>@1</c>.
/// </summary>
internal sealed partial class Pt2Modules(HashSet<string> paths)
{
    private const string Unknown = "_empty_nn_module_stack_from_metadata_hook";
    private readonly Dictionary<string, IReadOnlyList<ModuleCall>> _known = new(StringComparer.Ordinal);

    /// <summary>The modules from the outermost to the innermost, the network itself apart; none where the file does not say.</summary>
    public IReadOnlyList<ModuleCall> Of(string stack)
    {
        if (_known.TryGetValue(stack, out var known)) return known;
        List<ModuleCall> calls = [];
        string pending = "";
        foreach (string part in stack.Split(';'))
        {
            pending = pending.Length == 0 ? part : $"{pending};{part}";
            if (pending.StartsWith(Unknown, StringComparison.Ordinal))
            {
                pending = "";
                continue;
            }
            if (Read(pending) is not { } call) continue;
            pending = "";
            if (call.Path.Length > 0 && !calls.Contains(call)) calls.Add(call);
        }
        return _known[stack] = calls;
    }

    private ModuleCall? Read(string entry)
    {
        string[] fields = entry.Split(',');
        if (fields.Length < 3) return null;
        // The type is last and holds no comma; where key ends and path begins is the question.
        for (int cut = 1; cut < fields.Length - 1; cut++)
        {
            string key = string.Join(',', fields[..cut]), path = Plain(string.Join(',', fields[cut..^1]));
            if (path.Length > 0 && !paths.Contains(path) && fields.Length > 3) continue;

            Match call = Repeated().Match(key);
            return new ModuleCall(path, call.Success && int.TryParse(call.Groups[1].Value, out int number) ? number : 0);
        }
        return null;
    }

    /// <summary>Without what stands there where <c>forward</c>'s first parameter is not called <c>self</c>: <c>L['s'].conv</c>.</summary>
    private static string Plain(string path) => Scope().Replace(path, "");

    [GeneratedRegex(@"@(\d{1,9})$")]
    private static partial Regex Repeated();

    [GeneratedRegex(@"^L\['[^']*'\]\.?")]
    private static partial Regex Scope();
}
