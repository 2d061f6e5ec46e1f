//! Projects with limited capacity: when each job starts so that the whole ends early.
//!
//! Owns the resource-constrained project scheduling problem (Pritsker 1969): jobs with a length, people of several teams
//! for all of it, a time before which they cannot start, and others they follow with a lag. Schedules are made by the
//! serial scheme (Kelley 1963) from lists of jobs, improved by double justification (Valls et al. 2005) and bred by
//! Hartmann's genetic algorithm (1998) with a fixed generator, so that equal projects give equal schedules. A schedule
//! is feasible by construction. Lower bounds tell when none can be better. Times are whole ticks.

/// Steps along the profile of used capacity that one call may take: tens of milliseconds.
pub const MAX_STEPS: u64 = 2_500_000;

// Lists of jobs that are bred from.
const POPULATION: usize = 40;

// Children without a better schedule after which a population is given up.
const MAX_IDLE: u32 = 300;

/// A job.
#[derive(Debug, Clone, Default)]
pub struct Job {
    /// How long it takes.
    pub length: u64,
    /// People of each team it needs all the while; missing ones count as none.
    pub needs: Vec<u32>,
    /// Jobs it follows: it starts the lag after they end, or later.
    pub after: Vec<(usize, u64)>,
    /// When it may start at the earliest.
    pub release: u64,
    /// When it should have ended.
    pub due: Option<u64>,
}

/// Jobs and the people of each team.
#[derive(Debug, Clone, Default)]
pub struct Project {
    /// The jobs.
    pub jobs: Vec<Job>,
    /// People of each team.
    pub capacities: Vec<u32>,
}

/// When each job starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// The start of each job.
    pub starts: Vec<u64>,
    /// When the last one ends.
    pub end: u64,
    /// Sum of what jobs end after they were due.
    pub lateness: u64,
    /// No schedule ends before this.
    pub bound: u64,
}

/// Times of the network alone, as if every team had people enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Network {
    /// Earliest start of each job.
    pub heads: Vec<u64>,
    /// Time from each job's end to the end of all, at least.
    pub tails: Vec<u64>,
    /// The longest way through.
    pub length: u64,
}

impl Project {
    /// The jobs in an order in which each comes after those it follows; none when they follow each other in a circle or
    /// need more people than there are.
    pub fn order(&self) -> Option<Vec<usize>> {
        let mut waiting: Vec<usize> = self.jobs.iter().map(|job| job.after.len()).collect();
        let followers = self.followers();
        let mut ready: std::collections::BTreeSet<usize> =
            (0..self.jobs.len()).filter(|at| get(&waiting, *at) == 0).collect();
        let mut order = Vec::with_capacity(self.jobs.len());
        while let Some(job) = ready.pop_first() {
            order.push(job);
            for (next, _) in followers.get(job).into_iter().flatten() {
                if let Some(left) = waiting.get_mut(*next) {
                    *left = left.saturating_sub(1);
                    if *left == 0 {
                        ready.insert(*next);
                    }
                }
            }
        }
        let fits = self
            .jobs
            .iter()
            .all(|job| job.needs.iter().enumerate().all(|(team, need)| *need <= get(&self.capacities, team)));
        (fits && order.len() == self.jobs.len()).then_some(order)
    }

    fn followers(&self) -> Vec<Vec<(usize, u64)>> {
        let mut followers = vec![Vec::new(); self.jobs.len()];
        for (at, job) in self.jobs.iter().enumerate() {
            for (before, lag) in &job.after {
                if let Some(list) = followers.get_mut(*before) {
                    list.push((at, *lag));
                }
            }
        }
        followers
    }

    /// The critical path method. O(V + E) for an order of [`Project::order`].
    pub fn network(&self, order: &[usize]) -> Network {
        let mut heads = vec![0; self.jobs.len()];
        let mut tails = vec![0; self.jobs.len()];
        let mut length = 0;
        for &at in order {
            let Some(job) = self.jobs.get(at) else { continue };
            let ready = job.after.iter().map(|(before, lag)| get(&heads, *before) + self.length(*before) + lag);
            let head = ready.max().unwrap_or(0).max(job.release);
            put(&mut heads, at, head);
            length = length.max(head + job.length);
        }
        for &at in order.iter().rev() {
            let Some(job) = self.jobs.get(at) else { continue };
            let tail = get(&tails, at) + job.length;
            for (before, lag) in &job.after {
                let longest = get(&tails, *before).max(tail + lag);
                put(&mut tails, *before, longest);
            }
        }
        Network { heads, tails, length }
    }

    fn length(&self, job: usize) -> u64 {
        self.jobs.get(job).map_or(0, |job| job.length)
    }

    // The longest way through the network, and for each team and each earliest start the work that cannot begin before
    // it, spread evenly, between the least head and the least tail. Jobs of one team of which no two fit together are
    // one after the other.
    fn bound(&self, network: &Network) -> u64 {
        let mut bound = network.length;
        for (team, capacity) in self.capacities.iter().enumerate().filter(|(_, capacity)| **capacity > 0) {
            let mut all: Vec<(u64, u64, u64, u64)> = (0..self.jobs.len())
                .filter_map(|at| {
                    let job = self.jobs.get(at)?;
                    let need = job.needs.get(team).copied().filter(|need| *need > 0)?;
                    let alone = if need * 2 > *capacity { job.length } else { 0 };
                    Some((get(&network.heads, at), job.length * u64::from(need), get(&network.tails, at), alone))
                })
                .collect();
            all.sort_unstable();
            let (mut work, mut single) = (0, 0);
            let (mut tail, mut single_tail) = (u64::MAX, u64::MAX);
            for (head, more, after, alone) in all.iter().rev() {
                work += more;
                tail = tail.min(*after);
                bound = bound.max(head + work.div_ceil(u64::from(*capacity)) + tail);
                if *alone > 0 {
                    single += alone;
                    single_tail = single_tail.min(*after);
                    bound = bound.max(head + single + single_tail);
                }
            }
        }
        bound
    }

    /// A schedule; none when [`Project::order`] gives none. Least lateness first, then the earliest end.
    pub fn schedule(&self) -> Option<Schedule> {
        self.schedule_within(MAX_STEPS)
    }

    fn schedule_within(&self, limit: u64) -> Option<Schedule> {
        let order = self.order()?;
        let network = self.network(&order);
        let bound = self.bound(&network);
        let mut search = Search {
            project: self,
            before: self.jobs.iter().map(|job| job.after.clone()).collect(),
            after: self.followers(),
            releases: self.jobs.iter().map(|job| job.release).collect(),
            none: vec![0; self.jobs.len()],
            steps: 0,
            limit,
            dice: Dice(0x5eed),
        };
        let best = search.best(&order, &network, bound);
        Some(Schedule { starts: best.starts, end: best.end, lateness: best.lateness, bound })
    }
}

#[derive(Debug, Clone)]
struct Plan {
    // Jobs by their start.
    list: Vec<usize>,
    starts: Vec<u64>,
    end: u64,
    lateness: u64,
}

fn insert(plans: &mut Vec<Plan>, plan: Plan) {
    let at = plans.partition_point(|known| known.cost() <= plan.cost());
    plans.insert(at, plan);
}

impl Plan {
    fn cost(&self) -> (u64, u64) {
        (self.lateness, self.end)
    }
}

struct Search<'a> {
    project: &'a Project,
    before: Vec<Vec<(usize, u64)>>,
    after: Vec<Vec<(usize, u64)>>,
    releases: Vec<u64>,
    none: Vec<u64>,
    steps: u64,
    limit: u64,
    dice: Dice,
}

impl Search<'_> {
    fn best(&mut self, order: &[usize], network: &Network, bound: u64) -> Plan {
        let count = order.len();
        // Latest ends first is the rule that does best alone; the others bring variety.
        let key = |rule: usize, at: usize| -> (u64, u64) {
            let (head, tail, length) = (get(&network.heads, at), get(&network.tails, at), self.project.length(at));
            let due = self.project.jobs.get(at).and_then(|job| job.due).unwrap_or(u64::MAX / 2);
            match rule {
                0 => (due, u64::MAX / 2 - tail),
                1 => (0, u64::MAX / 2 - tail),
                2 => (0, u64::MAX / 2 - tail - length),
                3 => (0, (u64::MAX / 2 + head) - tail),
                4 => (0, head),
                _ => (due, u64::MAX / 2 - length),
            }
        };
        let rules: Vec<Vec<(u64, u64)>> = (0..6).map(|rule| (0..count).map(|at| key(rule, at)).collect()).collect();
        let mut plans: Vec<Plan> = Vec::new();
        for keys in &rules {
            let list = self.listed(|search, ready| {
                let _ = &search.steps;
                ready.iter().enumerate().min_by_key(|(_, job)| (get(keys, **job), **job)).map_or(0, |(at, _)| at)
            });
            let plan = self.improved(&list);
            plans.push(plan);
        }
        plans.sort_by_key(Plan::cost);
        let mut best =
            plans.first().cloned().unwrap_or(Plan { list: Vec::new(), starts: Vec::new(), end: 0, lateness: 0 });
        let is_done = |plan: &Plan| plan.lateness == 0 && plan.end <= bound;
        let mut round = 0;
        // Populations settle: after a while another one is begun, every second time with the best plan so far in it.
        while !is_done(&best) && count > 1 && self.steps < self.limit {
            self.breed(&mut plans, &rules, bound);
            if let Some(first) = plans.first()
                && first.cost() < best.cost()
            {
                best = first.clone();
            }
            // A population looks widely, a walk closely: every other one of them from the best there is.
            for from_best in [false, true] {
                let plan = self.walk(from_best.then(|| best.list.clone()), bound);
                if plan.cost() <= best.cost() {
                    best = plan;
                }
            }
            round += 1;
            plans = if round % 2 == 0 { vec![best.clone()] } else { Vec::new() };
        }
        best
    }

    // One population, from its beginning to where it brings nothing better any more.
    fn breed(&mut self, plans: &mut Vec<Plan>, rules: &[Vec<(u64, u64)>], bound: u64) {
        let done = |plans: &[Plan]| plans.first().is_some_and(|plan| plan.lateness == 0 && plan.end <= bound);
        while plans.len() < POPULATION && !done(plans) && self.steps < self.limit {
            let keys = rules.get(self.dice.roll(4)).cloned().unwrap_or_default();
            let is_wild = self.dice.roll(4) == 0;
            // Of two ready jobs at random, the one the rule prefers; now and then any.
            let list = self.listed(|search, ready| {
                let pair = [search.dice.roll(ready.len()), search.dice.roll(ready.len())];
                let job = |at: usize| ready.get(at).map_or((0, 0), |job| get(&keys, *job));
                if is_wild || job(pair[0]) <= job(pair[1]) { pair[0] } else { pair[1] }
            });
            let plan = self.improved(&list);
            insert(plans, plan);
        }
        let mut idle = 0;
        while !done(plans) && plans.len() > 1 && self.steps < self.limit && idle < MAX_IDLE {
            let (mother, father) = (self.dice.roll(plans.len()), self.dice.roll(plans.len()));
            let (Some(mother), Some(father)) = (plans.get(mother), plans.get(father)) else { break };
            let (mother, father) = (mother.list.clone(), father.list.clone());
            let mut child = self.crossed(&mother, &father);
            self.mutate(&mut child);
            let plan = self.improved(&child);
            idle += 1;
            let is_known = plans.iter().any(|other| other.cost() == plan.cost() && other.starts == plan.starts);
            if !is_known && plans.last().is_some_and(|last| plan.cost() <= last.cost()) {
                if plans.first().is_some_and(|first| plan.cost() < first.cost()) {
                    idle = 0;
                }
                plans.pop();
                insert(plans, plan);
            }
        }
    }

    // From one list to the next by moving a job or two within the places its neighbours allow, never to a worse one.
    fn walk(&mut self, start: Option<Vec<usize>>, bound: u64) -> Plan {
        let start = start.unwrap_or_else(|| self.listed(|search, ready| search.dice.roll(ready.len())));
        let mut plan = self.improved(&start);
        let mut idle = 0;
        while idle < MAX_IDLE && self.steps < self.limit && (plan.lateness > 0 || plan.end > bound) {
            let mut list = plan.list.clone();
            for _ in 0..=self.dice.roll(2) {
                self.reinsert(&mut list);
            }
            let next = self.improved(&list);
            idle += 1;
            if next.cost() < plan.cost() {
                idle = 0;
            }
            if next.cost() <= plan.cost() {
                plan = next;
            }
        }
        plan
    }

    fn reinsert(&mut self, list: &mut Vec<usize>) {
        if list.is_empty() {
            return;
        }
        let from = self.dice.roll(list.len());
        let job = list.remove(from);
        let (before, after) = (self.before.get(job), self.after.get(job));
        let is_in = |all: Option<&Vec<(usize, u64)>>, other: usize| {
            all.is_some_and(|all| all.iter().any(|(known, _)| *known == other))
        };
        let least = list.iter().rposition(|other| is_in(before, *other)).map_or(0, |at| at + 1);
        let most = list.iter().position(|other| is_in(after, *other)).unwrap_or(list.len());
        self.steps += list.len() as u64;
        let at = least + self.dice.roll(most.saturating_sub(least) + 1);
        list.insert(at.min(list.len()), job);
    }

    // A list in which every job comes after those it follows: the chooser gives the place among those that are ready.
    fn listed(&mut self, mut choose: impl FnMut(&mut Self, &[usize]) -> usize) -> Vec<usize> {
        let mut waiting: Vec<usize> = self.before.iter().map(Vec::len).collect();
        let mut ready: Vec<usize> = (0..waiting.len()).filter(|at| get(&waiting, *at) == 0).collect();
        let mut list = Vec::with_capacity(waiting.len());
        while !ready.is_empty() {
            self.steps += ready.len() as u64;
            let at = choose(self, &ready).min(ready.len() - 1);
            let job = ready.swap_remove(at);
            list.push(job);
            for (next, _) in self.after.get(job).into_iter().flatten() {
                if let Some(left) = waiting.get_mut(*next) {
                    *left = left.saturating_sub(1);
                    if *left == 0 {
                        ready.push(*next);
                    }
                }
            }
        }
        list
    }

    // As early as the list allows, then to the right, then to the left again.
    fn improved(&mut self, list: &[usize]) -> Plan {
        let mut starts = self.serial(list, false);
        let mut best = self.plan(list, &starts);
        for _ in 0..2 {
            let ends = |starts: &[u64], at: usize| get(starts, at) + self.project.length(at);
            let end = (0..starts.len()).map(|at| ends(&starts, at)).max().unwrap_or(0);
            let mut late: Vec<usize> = list.to_vec();
            // Stable, and a list keeps followers behind, so that those with equal ends stay in order.
            late.reverse();
            late.sort_by_key(|at| std::cmp::Reverse(ends(&starts, *at)));
            let mirrored = self.serial(&late, true);
            let right: Vec<u64> =
                (0..starts.len()).map(|at| end.saturating_sub(get(&mirrored, at) + self.project.length(at))).collect();
            let mut early: Vec<usize> = list.to_vec();
            early.sort_by_key(|at| get(&right, *at));
            starts = self.serial(&early, false);
            let plan = self.plan(&early, &starts);
            let is_better = plan.cost() < best.cost();
            if plan.cost() <= best.cost() {
                best = plan;
            }
            if !is_better {
                break;
            }
        }
        best
    }

    fn plan(&self, list: &[usize], starts: &[u64]) -> Plan {
        let mut list = list.to_vec();
        list.sort_by_key(|at| get(starts, *at));
        let (mut end, mut lateness) = (0, 0);
        for (at, job) in self.project.jobs.iter().enumerate() {
            let ends = get(starts, at) + job.length;
            end = end.max(ends);
            lateness += job.due.map_or(0, |due| ends.saturating_sub(due));
        }
        Plan { list, starts: starts.to_vec(), end, lateness }
    }

    // Each job of the list where it fits first; mirrored, time runs backwards and followers come first.
    fn serial(&mut self, list: &[usize], mirrored: bool) -> Vec<u64> {
        let (before, releases) = if mirrored { (&self.after, &self.none) } else { (&self.before, &self.releases) };
        let teams = self.project.capacities.len();
        let mut profile = Profile { times: vec![0], used: vec![0; teams], teams, steps: 0 };
        let mut starts = vec![0; list.len()];
        for &at in list {
            let Some(job) = self.project.jobs.get(at) else { continue };
            let ready = before.get(at).into_iter().flatten();
            let ready = ready.map(|(other, lag)| get(&starts, *other) + self.project.length(*other) + lag);
            let earliest = ready.max().unwrap_or(0).max(get(releases, at));
            let start = profile.place(job, &self.project.capacities, earliest);
            put(&mut starts, at, start);
        }
        self.steps += profile.steps;
        starts
    }

    // Hartmann's two points: a stretch of the mother, a stretch of the father, the rest of the mother.
    fn crossed(&mut self, mother: &[usize], father: &[usize]) -> Vec<usize> {
        let count = mother.len();
        let (mut first, mut second) = (self.dice.roll(count + 1), self.dice.roll(count + 1));
        if first > second {
            std::mem::swap(&mut first, &mut second);
        }
        let mut taken = vec![false; count];
        let mut child: Vec<usize> = Vec::with_capacity(count);
        for &job in mother.iter().take(first).chain(father.iter()) {
            if child.len() >= second.max(first) && child.len() >= first {
                break;
            }
            if !get(&taken, job) {
                put(&mut taken, job, true);
                child.push(job);
            }
        }
        for &job in mother {
            if !get(&taken, job) {
                put(&mut taken, job, true);
                child.push(job);
            }
        }
        self.steps += count as u64;
        child
    }

    fn mutate(&mut self, list: &mut [usize]) {
        for at in 1..list.len() {
            if self.dice.roll(20) != 0 {
                continue;
            }
            let (Some(left), Some(right)) = (list.get(at - 1).copied(), list.get(at).copied()) else { continue };
            let follows = self.before.get(right).is_some_and(|all| all.iter().any(|(other, _)| *other == left));
            if !follows {
                list.swap(at - 1, at);
            }
        }
    }
}

// Used capacity over time: from each time to the next, and from the last one on, so many people of each team.
struct Profile {
    times: Vec<u64>,
    used: Vec<u32>,
    teams: usize,
    steps: u64,
}

impl Profile {
    fn place(&mut self, job: &Job, capacities: &[u32], earliest: u64) -> u64 {
        if job.length == 0 || job.needs.iter().all(|need| *need == 0) {
            return earliest;
        }
        let mut start = earliest;
        let mut at = self.times.partition_point(|time| *time <= start).saturating_sub(1);
        let mut scan = at;
        while let Some(time) = self.times.get(scan).copied() {
            self.steps += 1;
            if time >= start + job.length {
                break;
            }
            if self.fits(scan, job, capacities) {
                scan += 1;
            } else {
                scan += 1;
                at = scan;
                // After the last time nothing is used, so that there is always a next one here.
                start = self.times.get(scan).copied().unwrap_or(start);
            }
        }
        let first = self.split(start, at);
        let last = self.split(start + job.length, first);
        for slot in first..last {
            for (team, need) in job.needs.iter().enumerate().take(self.teams) {
                if let Some(used) = self.used.get_mut(slot * self.teams + team) {
                    *used += need;
                }
            }
        }
        start
    }

    fn fits(&self, slot: usize, job: &Job, capacities: &[u32]) -> bool {
        job.needs
            .iter()
            .enumerate()
            .all(|(team, need)| *need == 0 || get(&self.used, slot * self.teams + team) + need <= get(capacities, team))
    }

    // The slot that begins at `time`, made if there is none; `from` is at or before it.
    fn split(&mut self, time: u64, from: usize) -> usize {
        let from = from.min(self.times.len());
        let after = from + self.times.get(from..).unwrap_or_default().partition_point(|known| *known < time);
        if self.times.get(after) == Some(&time) {
            return after;
        }
        self.steps += self.times.len() as u64 / 16;
        self.times.insert(after, time);
        let before = after.saturating_sub(1) * self.teams;
        let copy: Vec<u32> = self.used.get(before..before + self.teams).unwrap_or_default().to_vec();
        let place = (after * self.teams).min(self.used.len());
        self.used.splice(place..place, copy);
        after
    }
}

struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % sides.max(1)
    }
}

fn get<T: Copy + Default>(values: &[T], index: usize) -> T {
    values.get(index).copied().unwrap_or_default()
}

fn put<T>(values: &mut [T], index: usize, value: T) {
    if let Some(slot) = values.get_mut(index) {
        *slot = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn random(dice: &mut Dice, count: usize, teams: usize) -> Project {
        let capacities: Vec<u32> = (0..teams).map(|_| 1 + u32::try_from(dice.roll(4)).expect("small")).collect();
        let jobs = (0..count)
            .map(|at| {
                let needs = capacities
                    .iter()
                    .map(|most| u32::try_from(dice.roll(*most as usize + 1)).expect("small"))
                    .collect();
                let mut after = Vec::new();
                for before in 0..at {
                    if dice.roll(4) == 0 {
                        after.push((before, dice.roll(2) as u64));
                    }
                }
                Job { length: dice.roll(9) as u64, needs, after, release: dice.roll(5) as u64, due: None }
            })
            .collect();
        Project { jobs, capacities }
    }

    fn is_feasible(project: &Project, starts: &[u64]) -> bool {
        let ends = |at: usize| starts[at] + project.jobs[at].length;
        let ordered = project.jobs.iter().enumerate().all(|(at, job)| {
            starts[at] >= job.release && job.after.iter().all(|(other, lag)| starts[at] >= ends(*other) + lag)
        });
        let last = (0..starts.len()).map(ends).max().unwrap_or(0);
        let fits = (0..last).all(|time| {
            project.capacities.iter().enumerate().all(|(team, most)| {
                let busy = |at: &usize| starts[*at] <= time && time < ends(*at);
                let used: u32 = (0..starts.len()).filter(busy).map(|at| project.jobs[at].needs[team]).sum();
                used <= *most
            })
        });
        ordered && fits
    }

    // Every order of starts by the serial scheme: one of them is best.
    fn brute(project: &Project) -> u64 {
        fn go(search: &mut Search<'_>, list: &mut Vec<usize>, best: &mut u64) {
            let count = search.before.len();
            if list.len() == count {
                let starts = search.serial(list, false);
                *best = (*best).min(search.plan(list, &starts).end);
                return;
            }
            for job in 0..count {
                if !list.contains(&job) && search.before[job].iter().all(|(other, _)| list.contains(other)) {
                    list.push(job);
                    go(search, list, best);
                    list.pop();
                }
            }
        }
        let mut search = Search {
            project,
            before: project.jobs.iter().map(|job| job.after.clone()).collect(),
            after: project.followers(),
            releases: project.jobs.iter().map(|job| job.release).collect(),
            none: vec![0; project.jobs.len()],
            steps: 0,
            limit: MAX_STEPS,
            dice: Dice(1),
        };
        let mut best = u64::MAX;
        go(&mut search, &mut Vec::new(), &mut best);
        best
    }

    #[test]
    fn small_projects_are_solved_to_the_optimum() {
        let mut dice = Dice(5);
        for round in 0..60 {
            let project = random(&mut dice, 6, 2);
            let found = project.schedule_within(100_000).expect("feasible");
            assert!(is_feasible(&project, &found.starts), "round {round}");
            let best = brute(&project);
            assert!(found.bound <= best, "round {round}: bound {} over {best}", found.bound);
            assert_eq!(found.end, best, "round {round}");
        }
    }

    #[test]
    fn large_projects_stay_feasible_and_within_their_steps() {
        let mut dice = Dice(9);
        let project = random(&mut dice, 300, 4);
        let found = project.schedule_within(100_000).expect("feasible");
        assert!(is_feasible(&project, &found.starts));
        assert_eq!(project.schedule_within(100_000), Some(found));
    }

    #[test]
    fn circles_and_too_many_people_have_no_schedule() {
        let job = |after: Vec<(usize, u64)>| Job { length: 1, needs: vec![1], after, ..Job::default() };
        let circle = Project { jobs: vec![job(vec![(1, 0)]), job(vec![(0, 0)])], capacities: vec![1] };
        assert_eq!(circle.schedule(), None);
        let crowd = Project { jobs: vec![Job { needs: vec![2], ..job(vec![]) }], capacities: vec![1] };
        assert_eq!(crowd.schedule(), None);
        assert_eq!(Project::default().schedule().map(|found| found.end), Some(0));
    }

    #[test]
    fn due_jobs_come_first() {
        let job = |due| Job { length: 5, needs: vec![1], due, ..Job::default() };
        let project = Project { jobs: vec![job(None), job(None), job(Some(5))], capacities: vec![1] };
        let found = project.schedule_within(100_000).expect("feasible");
        assert_eq!((found.starts[2], found.lateness, found.end, found.bound), (0, 0, 15, 15));
    }
}
