/* SPDX-License-Identifier: Apache-2.0
 *
 * Folding of failure reports.
 */
#include "console-server/store/failures.h"

void
failures_init(struct failures *failures, struct db *db)
{
	failures->db = db;
	query_init(&failures->fold, db,
	    "INSERT INTO failure(reported_by,reason,identity,proved,first_us,last_us,count,record)"
	    " VALUES(?1,?2,?3,?4,?5,?5,?6,?7)"
	    " ON CONFLICT(reported_by,reason,identity) DO UPDATE SET"
	    " first_us=min(first_us,excluded.first_us),last_us=max(last_us,excluded.last_us),"
	    " count=count+excluded.count,"
	    " record=iif(excluded.last_us>=last_us,excluded.record,record)"
	    " RETURNING id");
	query_init(&failures->link, db,
	    "INSERT OR IGNORE INTO failure_link(failure,link_id,at_us) VALUES(?1,?2,?3)");
	/* the first and the newest are kept: the oldest but one goes */
	query_init(&failures->trim_links, db,
	    "DELETE FROM failure_link WHERE failure=?1 AND link_id IN (SELECT link_id FROM"
	    " failure_link WHERE failure=?1 ORDER BY at_us,link_id LIMIT 1 OFFSET 1) AND"
	    " (SELECT count(*) FROM failure_link WHERE failure=?1)>?2");
	query_init(&failures->trim_unproved, db,
	    "DELETE FROM failure WHERE id IN (SELECT id FROM failure WHERE proved=0"
	    " ORDER BY last_us DESC LIMIT -1 OFFSET ?1) RETURNING count");
	query_init(&failures->count_dropped, db,
	    "INSERT INTO meta(key,value) VALUES('failures_forgotten',?1)"
	    " ON CONFLICT(key) DO UPDATE SET value=value+excluded.value");
}

void
failures_done(struct failures *failures)
{
	query_done(&failures->fold);
	query_done(&failures->link);
	query_done(&failures->trim_links);
	query_done(&failures->trim_unproved);
	query_done(&failures->count_dropped);
}

static enum status
failures_fold(struct failures *failures, const struct failure *failure, int64_t *ret_row)
{
	struct query *query = &failures->fold;
	enum status status;

	query_text(query, failure->reported_by);
	query_text(query, bytes_of_text(reason_slug(failure->reason)));
	query_text(query, failure->identity);
	query_i64(query, failure->proved);
	query_i64(query, failure->at_us);
	query_i64(query, (int64_t)failure->count);
	query_text(query, failure->record);
	status = query_step(query);
	if (status != STATUS_OK)
		return status == STATUS_END ? STATUS_INTERNAL : status;
	*ret_row = query_column_i64(query, 0);
	return query_run(query);
}

static enum status
failures_add_link(struct failures *failures, const struct failure *failure, int64_t row)
{
	enum status status;

	query_i64(&failures->link, row);
	query_text(&failures->link, failure->link_id);
	query_i64(&failures->link, failure->at_us);
	status = query_run(&failures->link);
	if (status != STATUS_OK)
		return status;
	query_i64(&failures->trim_links, row);
	query_i64(&failures->trim_links, FAILURES_LINKS_MAX);
	return query_run(&failures->trim_links);
}

/* Strangers can make rows at will: the oldest are forgotten, and counted. */
static enum status
failures_trim_unproved(struct failures *failures)
{
	struct query *query = &failures->trim_unproved;
	int64_t forgotten = 0;
	enum status status;

	query_i64(query, FAILURES_UNPROVED_MAX);
	while ((status = query_step(query)) == STATUS_OK)
		forgotten += query_column_i64(query, 0);
	if (status != STATUS_END)
		return status;
	if (forgotten == 0)
		return STATUS_OK;
	query_i64(&failures->count_dropped, forgotten);
	return query_run(&failures->count_dropped);
}

enum status
failures_add(struct failures *failures, const struct failure *failure, int64_t *ret_row)
{
	int64_t row;
	enum status status = failures_fold(failures, failure, &row);

	if (status == STATUS_OK && failure->link_id.len > 0)
		status = failures_add_link(failures, failure, row);
	if (status == STATUS_OK && !failure->proved)
		status = failures_trim_unproved(failures);
	if (status == STATUS_OK)
		*ret_row = row;
	return status;
}
