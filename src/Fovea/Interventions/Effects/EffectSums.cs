namespace Fovea.Interventions.Effects;

/// <summary>Sums of one change's outcomes, and of those that the bootstrap draws: memory that does not grow with the images.</summary>
internal sealed class EffectSums
{
    private readonly SampledMean _logit = new(), _probability = new(), _top1 = new();
    private readonly float[] _weights = new float[BootstrapDraws.Samples];
    private readonly float[] _activeWeights = new float[BootstrapDraws.Samples];
    private readonly PairSums _gradient = new(), _integrated = new();
    private double[] _classes = [];
    private int _images, _changed, _hits;

    public void AddSilent(ReadOnlySpan<float> draws, bool hit)
    {
        _images++;
        if (hit) _hits++;
        SampledMean.Add(_weights, draws, 1);
    }

    public void Add(in EffectOutcome one, ReadOnlySpan<float> draws)
    {
        AddSilent(draws, one.Original.Top1);
        _changed++;
        SampledMean.Add(_activeWeights, draws, 1);
        _logit.Add(one.LogitChange, draws);
        _probability.Add(one.ProbabilityChange, draws);
        _top1.Add(one.Top1Change, draws);
        _gradient.Add(one.Gradient, one.LogitChange);
        _integrated.Add(one.Integrated, one.LogitChange);
    }

    /// <summary>Changes of all classes' logits on one image.</summary>
    public void AddLogits(ReadOnlySpan<float> differences)
    {
        if (_classes.Length == 0) _classes = new double[differences.Length];
        for (int i = 0; i < differences.Length; i++) _classes[i] += differences[i];
    }

    public EffectResult Result(IReadOnlyList<int> units)
    {
        double[] classes = [.. _classes.Select(sum => sum / Math.Max(1, _images))];
        return new EffectResult(
            units, _images, _changed, _images == 0 ? double.NaN : (double)_hits / _images,
            _logit.Over(_images, _weights), _probability.Over(_images, _weights), _top1.Over(_images, _weights),
            _logit.Over(_changed, _activeWeights), _gradient.Result(_images), _integrated.Result(_images), classes);
    }

    /// <summary>Predicted beside measured over images in which something changes.</summary>
    private sealed class PairSums
    {
        private int _count;
        private double _predicted, _meanP, _meanM, _squaresP, _squaresM, _both, _error, _size;

        public void Add(double predicted, double measured)
        {
            if (double.IsNaN(predicted)) return;
            _count++;
            _predicted += predicted;
            (_error, _size) = (_error + Math.Abs(predicted - measured), _size + Math.Abs(measured));
            double stepP = predicted - _meanP, stepM = measured - _meanM;
            _meanP += stepP / _count;
            _meanM += stepM / _count;
            _squaresP += stepP * (predicted - _meanP);
            _squaresM += stepM * (measured - _meanM);
            _both += stepP * (measured - _meanM);
        }

        public EffectPrediction? Result(int images) => _count == 0 ? null : new EffectPrediction(
            _predicted / images, _both / Math.Sqrt(_squaresP * _squaresM), _size == 0 ? double.NaN : _error / _size);
    }
}
