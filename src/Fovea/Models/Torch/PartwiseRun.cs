using static TorchSharp.torch;

namespace Fovea.Models.Torch;

/// <summary>
/// A pass of a network that takes only a fixed number of images together: node by node, part by part, the last part filled up with its last
/// image. Where a value is read, edited or differentiated by, the parts are one tensor of all images, so that nobody who asks notices.
/// </summary>
internal sealed class PartwiseRun(TorchEngine engine, ForwardPlan plan, ProbeResult result, long images, int size)
{
    private readonly Tensor?[][] _parts = [.. Enumerable.Range(0, (int)((images + size - 1) / size)).Select(_ => engine.Start())];

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
                if (plan.TapsAt(value) is null)
                {
                    for (int part = 0; part < _parts.Length; part++) _parts[part][value] = made[part][i];
                }
                else
                {
                    Put(value, Join([.. made.Select(outputs => outputs[i])]));
                }
            }
            foreach (var values in _parts) TorchEngine.Free(step, values);
        }
        if (!plan.Output) return null;
        int answer = plan.Graph.ValueOf(plan.Graph.Output);
        return Join([.. _parts.Select(values => values[answer]!)]);
    }

    /// <summary>A value of all images: what the plan does with it, and then its parts.</summary>
    private void Put(int value, Tensor whole)
    {
        if (plan.TapsAt(value) is not null)
            whole = TorchEngine.Tapped(plan, value, plan.Leaves.Contains(value) ? TorchEngine.Leaf(whole) : whole.alias(), result);
        whole = engine.Laid(whole);
        if (whole.dim() == 0 || whole.shape[0] % images != 0)
        {
            foreach (var values in _parts) values[value] = whole.alias();
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

    private Tensor Join(Tensor[] parts)
    {
        if (parts[0].dim() == 0 || parts[0].shape[0] % size != 0) return parts[0];
        return cat(parts).narrow(0, 0, parts[0].shape[0] / size * images);
    }
}
