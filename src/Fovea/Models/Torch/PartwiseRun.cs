using Fovea.Models.Graph;
using static TorchSharp.torch;

namespace Fovea.Models.Torch;

/// <summary>
/// A pass of a network that takes only a fixed number of images together: node by node, part by part, the last part filled up with its last
/// image. Where a value is read, edited or differentiated by, the parts are one tensor of all images, so that nobody who asks notices. A
/// value that has no rows of its own for each image, as <c>[1, N · C, H, W]</c>, stays a part's; it can be read where there is one part.
/// </summary>
internal sealed class PartwiseRun(TorchEngine engine, ForwardPlan plan, ProbeResult result, long images, int size)
{
    private readonly Tensor?[][] _parts = [.. Enumerable.Range(0, (int)((images + size - 1) / size)).Select(_ => engine.Start())];
    private bool[]? _ofImages;

    /// <summary>Runs it; the answer, or null where the plan has none.</summary>
    public Tensor? Run(Tensor? input, IReadOnlyList<Tensor> given)
    {
        if (input is not null) Put(0, input);
        for (int i = 0; i < plan.Given.Count; i++) Put(plan.Given[i], given[i]);
        foreach (ForwardPlan.Step step in plan.Steps)
        {
            Tensor[][] made = [.. _parts.Select(values => engine.Apply(step, values, size))];
            for (int i = 0; i < step.Outputs.Length; i++)
            {
                int value = step.Outputs[i];
                if (value < 0) continue;
                Tensor[] parts = [.. made.Select(outputs => outputs[i])];
                if (plan.TapsAt(value) is not null)
                {
                    if (!OfImages(value)) Same(value, Read(value, parts[0]));
                    else if (HasRows(parts[0])) Put(value, Join(parts));
                    else _parts[0][value] = engine.Laid(Read(value, OfOnePart(value, parts)));
                    continue;
                }
                for (int part = 0; part < _parts.Length; part++) _parts[part][value] = parts[part];
            }
            foreach (var values in _parts) TorchEngine.Free(step, values);
        }
        if (!plan.Output) return null;
        int answer = plan.Graph.ValueOf(plan.Graph.Output);
        return TorchEngine.Shown(Join([.. _parts.Select(values => values[answer]!)]));
    }

    /// <summary>A value of all images: what the plan does with it, and then its parts.</summary>
    private void Put(int value, Tensor whole)
    {
        if (plan.TapsAt(value) is not null) whole = Read(value, whole);
        whole = engine.Laid(whole);
        if (whole.dim() == 0 || whole.shape[0] % images != 0)
        {
            Same(value, whole);
            return;
        }
        long rows = whole.shape[0] / images * size, missing = rows * _parts.Length - whole.shape[0];
        if (missing > 0)
        {
            Tensor last = whole.narrow(0, whole.shape[0] - rows / size, rows / size);
            whole = cat([whole, .. Enumerable.Repeat(last, (int)(missing / (rows / size)))]);
        }
        for (int part = 0; part < _parts.Length; part++) _parts[part][value] = whole.narrow(0, part * rows, rows);
    }

    /// <summary>What the plan makes of a value that somebody asks for.</summary>
    private Tensor Read(int value, Tensor whole)
    {
        whole = TorchEngine.Shown(whole);
        return TorchEngine.Tapped(plan, value, plan.Leaves.Contains(value) ? TorchEngine.Leaf(plan, value, whole) : whole.alias(), result);
    }

    /// <summary>A value that does not depend on the images: one for all parts.</summary>
    private void Same(int value, Tensor whole)
    {
        foreach (var values in _parts) values[value] = whole.alias();
    }

    private Tensor OfOnePart(int value, Tensor[] parts) => parts is [var one] ? one : throw FoveaException.BadConfiguration(
        $"{plan.TapsAt(value)![0].Layer} of {plan.Graph.Name} holds the {size} images that it takes together in one row, "
            + $"[{string.Join(", ", parts[0].shape)}]: it has no value of each image. Read it of {size} images at a time, or take another "
            + "layer.");

    private bool OfImages(int value) => (_ofImages ??= GraphCut.OfImages(plan.Graph))[value];

    private bool HasRows(Tensor part) => part.dim() > 0 && part.shape[0] % size == 0;

    private Tensor Join(Tensor[] parts) =>
        HasRows(parts[0]) ? cat(parts).narrow(0, 0, parts[0].shape[0] / size * images) : parts[0];
}
