using Fovea.Models.Import;

namespace Fovea.Models.Onnx;

/// <summary>
/// Tells the calls of modules apart, of which ONNX files say little: a module that is left and entered again is called again, and one whose
/// steps are the same ones several times over was called so often, if its class does each of its steps once a call. Of a user's own class
/// that cannot be known (it may hold a loop): those calls are <see cref="ModuleCall.Unknown"/>, since a name that may be another value's is
/// worse than none.
/// </summary>
internal sealed class OnnxCalls
{
    private const string OwnModules = "torch.nn.modules.", Sequential = "torch.nn.modules.container.Sequential";
    private readonly IReadOnlyList<OnnxPlace> _places;
    private readonly List<ModuleCall>[] _calls;
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);

    private OnnxCalls(IReadOnlyList<OnnxPlace> places)
    {
        _places = places;
        _calls = [.. places.Select(_ => new List<ModuleCall>())];
        Visit(0, places.Count, 0);
    }

    /// <summary>The modules' calls around each step, from the outermost to the innermost.</summary>
    /// <param name="places">Where the steps stand, in the order in which they run.</param>
    public static IReadOnlyList<IReadOnlyList<ModuleCall>> Of(IReadOnlyList<OnnxPlace> places) => new OnnxCalls(places)._calls;

    /// <summary>The modules at a depth among steps of one call of the module around them.</summary>
    private void Visit(int from, int to, int depth)
    {
        for (int i = from; i < to;)
        {
            if (Module(i, depth) is not { } module)
            {
                i++;
                continue;
            }
            int end = i + 1;
            // A step of which nothing is known stands in whatever is around it.
            for (int j = end; j < to && (_places[j] == OnnxPlace.Unknown || Module(j, depth)?.Path == module.Path); j++)
                if (_places[j] != OnnxPlace.Unknown) end = j + 1;
            Divide(i, end, depth, module);
            i = end;
        }
    }

    /// <summary>Steps of one module without a break: one call of it, or several.</summary>
    private void Divide(int from, int to, int depth, OnnxModule module)
    {
        // The parts first: their calls are what repeats.
        Visit(from, to, depth + 1);
        List<(string Key, int Start, bool Part)> steps = Steps(from, to, depth);
        int times = Times(steps);
        int[] told = [.. Enumerable.Range(from, to - from).Select(i => Module(i, depth)?.Call).OfType<int>().Distinct()];
        bool alone = steps.TrueForAll(step => !step.Part);
        if (told.Length == 1) Set(from, to, module.Path, told[0]);
        else if (told.Length > 1 && alone)
        {
            for (int i = from; i < to; i++) Set(i, i + 1, module.Path, Module(i, depth)?.Call ?? told[0]);
        }
        else if (times == 1 && told.Length == 0 || IsOneOfTheUsers(module, steps) && alone) Set(from, to, module.Path, Next(module.Path));
        else if (told.Length == 0 ? !IsOneOfTheUsers(module, steps) : told.Length == times)
        {
            int period = steps.Count / times;
            for (int call = 0; call < times; call++)
            {
                int start = call == 0 ? from : steps[call * period].Start, end = call == times - 1 ? to : steps[(call + 1) * period].Start;
                Set(start, end, module.Path, told.Length == 0 ? Next(module.Path) : told[call]);
            }
        }
        else
        {
            Set(from, to, module.Path, ModuleCall.Unknown);
        }
    }

    /// <summary>
    /// Whether a module's class is not PyTorch's own, whose steps are done once a call. The older exporter names no classes: a module of
    /// which all parts are numbered is a sequence of them.
    /// </summary>
    private static bool IsOneOfTheUsers(OnnxModule module, List<(string Key, int Start, bool Part)> steps)
    {
        if (module.Class.Length > 0)
        {
            // A sequence of one part only: called twice, or one part twice in it.
            return module.Class == Sequential ? steps.DistinctBy(step => step.Key).Count() == 1
                : !module.Class.StartsWith(OwnModules, StringComparison.Ordinal);
        }
        return !(steps.TrueForAll(step => step.Part && int.TryParse(step.Key.AsSpan(step.Key.LastIndexOf('.') + 1), out _))
            && steps.DistinctBy(step => step.Key).Count() > 1);
    }

    /// <summary>What a module does, in order: calls of its parts, and steps of its own.</summary>
    private List<(string Key, int Start, bool Part)> Steps(int from, int to, int depth)
    {
        List<(string, int, bool)> steps = [];
        string last = "";
        for (int i = from; i < to; i++)
        {
            OnnxPlace place = _places[i];
            if (place == OnnxPlace.Unknown) continue;
            bool part = place.Modules.Count > depth + 1;
            string one = part ? $"part {PartCall(i)}" : $"step {place.Step}";
            if (one != last) steps.Add((part ? place.Modules[depth + 1].Path : place.Operator, i, part));
            last = one;
        }
        return steps;
    }

    /// <summary>How often a sequence is the same one.</summary>
    private static int Times(List<(string Key, int Start, bool Part)> steps)
    {
        for (int period = 1; period <= steps.Count / 2; period++)
        {
            if (steps.Count % period != 0) continue;
            int i = period;
            while (i < steps.Count && steps[i].Key == steps[i - period].Key) i++;
            if (i == steps.Count) return steps.Count / period;
        }
        return 1;
    }

    private OnnxModule? Module(int step, int depth) => _places[step].Modules.Count > depth ? _places[step].Modules[depth] : null;

    /// <summary>The call of the part that a step is in: what was set last is the outermost so far.</summary>
    private string PartCall(int step) => _calls[step] is [var outermost, ..] ? outermost.ToString() : "";

    private void Set(int from, int to, string path, int call)
    {
        for (int i = from; i < to; i++)
            if (_places[i] != OnnxPlace.Unknown) _calls[i].Insert(0, new ModuleCall(path, call));
    }

    private int Next(string path)
    {
        int call = _counts.GetValueOrDefault(path);
        _counts[path] = call + 1;
        return call;
    }
}
